"""Who takes part in a run: three members of staff with accounts, and as many guests as are needed."""

from __future__ import annotations

from dataclasses import dataclass

from wenzheng.conformance.target import Api, Target
from wenzheng.conformance.verdict import Refused, Unreachable

# A netizen posts five times at once in a room; then the next one comes.
POSTS_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """Of a host, a moderator and a respondent."""

    host: Account
    moderator: Account
    respondent: Account


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who has signed in; `id`, `name`, `role`, `department` as the server told."""

    api: Api
    token: str
    id: str
    name: str
    role: str
    department: str | None


@dataclass(frozen=True, slots=True)
class People:
    host: Member
    moderator: Member
    respondent: Member


DEMO = Accounts(*(Account(name, "wenzheng-demo") for name in ("host", "moderator1", "price1")))


async def sign_in(target: Target, accounts: Accounts) -> People:
    """Raises `Unreachable` where an account is not taken, or does not have the role it is named for."""
    host = await member(target, accounts.host, "host")
    moderator = await member(target, accounts.moderator, "moderator")
    return People(host, moderator, await member(target, accounts.respondent, "respondent"))


async def guest(target: Target) -> Member:
    granted = await Api(target).post("/guests", {"name": "符合性"})
    return _of(target, granted)


async def member(target: Target, account: Account, role: str) -> Member:
    """Raises `Unreachable` as `sign_in`."""
    try:
        granted = await Api(target).post("/session", {"username": account.username, "password": account.password})
    except Refused as refused:
        raise Unreachable(f"the account {account.username} cannot sign in: {refused.code}") from None
    member = _of(target, granted)
    if member.role != role:
        raise Unreachable(f"the account {account.username} is a {member.role}, not a {role}")
    return member


def _of(target: Target, granted: dict[str, object]) -> Member:
    user, token = granted.get("user"), granted.get("token")
    if not isinstance(user, dict) or not isinstance(token, str):
        raise Unreachable("signing in was answered without a token and a user")
    return Member(Api(target, token), token, user["id"], user["name"], user["role"], user.get("department"))
