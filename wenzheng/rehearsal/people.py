"""Rooms and people of a rehearsal: made beforehand over HTTP, and closed behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from wenzheng.conformance.people import DEMO, Account, Member, member
from wenzheng.conformance.target import Api, Target
from wenzheng.conformance.verdict import Refused, Unreachable
from wenzheng.rehearsal.plan import Plan

NAME: Final = "演练"
# So long a server may say "later" to those who come in.
GUESTS_S: Final = 180.0
PASSWORD: Final = "REHEARSAL_PASSWORD"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Accounts:
    """The host is needed only where rooms are made."""

    moderator: Account
    host: Account | None


@dataclass(frozen=True, slots=True)
class Company:
    """`own`: the rooms were made for this and end with it. `guests` are tokens."""

    moderator: Member
    host: Member | None
    rooms: tuple[str, ...]
    own: bool
    guests: tuple[str, ...]


def accounts_of(
    target: Target, plan: Plan, names: Mapping[str, str | None], password: Callable[[str, str], str]
) -> Accounts:
    """Those named, or on loopback those of a demo. `password` is asked for role and name. Raises `Unreachable`."""
    if not any(names.values()):
        if not target.loopback:
            raise Unreachable("--moderator is missing: only a demo on loopback has a known one")
        return Accounts(DEMO.moderator, None if plan.given else DEMO.host)
    found = {}
    for role in ("moderator",) if plan.given else ("moderator", "host"):
        name = names.get(role)
        if not name:
            raise Unreachable(f"--{role} is missing")
        found[role] = Account(name, password(role, name))
    return Accounts(found["moderator"], found.get("host"))


async def assemble(target: Target, plan: Plan, accounts: Accounts, told: Callable[[int], None]) -> Company:
    """`told` hears how many guests there are. Raises `Unreachable`; what was made by then is closed again."""
    moderator = await member(target, accounts.moderator, "moderator")
    host = None if accounts.host is None else await member(target, accounts.host, "host")
    rooms: list[str] = []
    try:
        if host is None:
            for room in plan.given:
                await _suits(target, room)
            rooms += plan.given
        else:
            await _make(host, plan.rooms, rooms)
        guests = await _let_in(target, plan.posters, told)
    except BaseException as fault:
        if host is not None:
            await _close(host, rooms)
        if isinstance(fault, Refused):
            raise Unreachable(f"the server refuses what a rehearsal needs: {fault.code}") from None
        raise
    return Company(moderator, host, tuple(rooms), host is not None, guests)


async def dismiss(company: Company) -> None:
    if company.own and company.host is not None:
        await _close(company.host, company.rooms)


async def head(target: Target, room: str) -> int:
    """Where the public lane stands."""
    read = await Api(target).get(f"/rooms/{room}/events?lane=pub&after=0&limit=1")
    return int(read["head"])


async def _suits(target: Target, room: str) -> None:
    found = await Api(target).get(f"/rooms/{room}")
    if found["state"] != "live":
        raise Unreachable(f"room {room} is not live")
    if not found["policy"].get("premoderate"):
        raise Unreachable(f"in room {room} nothing waits for a moderator: there would be nothing to time")


async def _make(host: Member, count: int, rooms: list[str]) -> None:
    departments = [one["id"] for one in (await host.api.get("/departments"))["items"]][:1]
    for number in range(count):
        asked = {"title": f"{NAME} {number + 1}", "departments": departments, "open": True}
        rooms.append((await host.api.post("/rooms", asked))["id"])


async def _close(host: Member, rooms: list[str] | tuple[str, ...]) -> None:
    for room in rooms:
        try:
            await host.api.post(f"/rooms/{room}/close")
        except Refused:
            continue
        except Unreachable:
            return


async def _let_in(target: Target, count: int, told: Callable[[int], None]) -> tuple[str, ...]:
    tokens: list[str] = []
    loop = asyncio.get_running_loop()
    until = loop.time() + GUESTS_S
    while len(tokens) < count:
        told(len(tokens))
        try:
            tokens.append((await Api(target).post("/guests", {"name": NAME}))["token"])
        except Refused as refused:
            wait = refused.frame.get("retry_ms")
            if not isinstance(wait, int) or loop.time() + wait / 1000 > until:
                raise
            await asyncio.sleep(wait / 1000)
    return tuple(tokens)
