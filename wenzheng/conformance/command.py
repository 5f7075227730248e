"""`wenzheng conformance`: whom to be, what to check, and what is said about it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence

from wenzheng.conformance.codecs import NAMES as CODECS
from wenzheng.conformance.people import DEMO, Account, Accounts, sign_in
from wenzheng.conformance.suite import Plan, run
from wenzheng.conformance.target import Target
from wenzheng.conformance.verdict import Refused, Result, Unreachable

PASSWORD = "CONFORMANCE_PASSWORD"  # noqa: S105 - the name of a variable


__all__ = ["CODECS", "CannotCheck", "accounts_of", "as_json", "checked", "line", "summary"]


class CannotCheck(Exception):
    """Nothing was checked; the message says why."""


def accounts_of(target: Target, names: Mapping[str, str | None], environ: Mapping[str, str]) -> Accounts:
    """Those named, with passwords from the environment; without any, those of a demo, which lives on loopback only."""
    if not any(names.values()):
        if not target.loopback:
            raise CannotCheck(
                "--host, --moderator and --respondent are missing: only a demo on loopback has known ones"
            )
        return DEMO
    return Accounts(**{role: _account(role, names[role], environ) for role in ("host", "moderator", "respondent")})


def _account(role: str, username: str | None, environ: Mapping[str, str]) -> Account:
    if not username:
        raise CannotCheck(f"--{role} is missing")
    password = environ.get(f"CONFORMANCE_{role.upper()}_PASSWORD") or environ.get(PASSWORD)
    if not password:
        raise CannotCheck(f"{PASSWORD} or CONFORMANCE_{role.upper()}_PASSWORD is not set")
    return Account(username, password)


async def checked(target: Target, accounts: Accounts, plan: Plan, tell: Callable[[Result], None]) -> list[Result]:
    try:
        return await run(target, await sign_in(target, accounts), plan, tell)
    except Unreachable as failure:
        raise CannotCheck(str(failure)) from None
    except Refused as refused:
        raise CannotCheck(f"no room can be made or closed there: {refused.code}") from None


def line(result: Result) -> str:
    """One check, as it came out."""
    told = f"{'pass' if result.problem is None else 'FAIL'}  {result.codec:<7}  {result.name:<28}"
    return f"{told}{result.seconds:7.2f} s" + (f"  {result.problem}" if result.problem else "")


def summary(results: Sequence[Result]) -> str:
    failed = sum(result.problem is not None for result in results)
    return f"{len(results)} checks, {failed} failed"


def as_json(target: Target, results: Sequence[Result]) -> str:
    """`{url, checks: [{name, codec, seconds, problem, passed}], failed}`"""
    checks = [{**dataclasses.asdict(one), "passed": one.problem is None} for one in results]
    failed = sum(not one["passed"] for one in checks)
    return json.dumps({"url": target.http, "checks": checks, "failed": failed}, ensure_ascii=False)
