"""`wenzheng rehearse`: what is asked for, whether it may be, and what is said about it."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Mapping

import uvloop

from wenzheng.conformance.target import Target, target_of
from wenzheng.conformance.verdict import Unreachable
from wenzheng.rehearsal.people import PASSWORD, accounts_of
from wenzheng.rehearsal.plan import Budget, Plan, usual_rate
from wenzheng.rehearsal.progress import Progress
from wenzheng.rehearsal.report import as_json, faults, text
from wenzheng.rehearsal.run import rehearse
from wenzheng.terminal import say

INTERRUPTED = 130


class CannotRehearse(Exception):
    """Nothing was rehearsed; the message says why."""


def rehearsed(asked: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """The exit code: 0, 1 for a budget that was missed, 130 for Ctrl-C. Raises `CannotRehearse`."""
    progress = Progress(sys.stderr)
    try:
        target, plan = target_of(asked.url), plan_of(asked)
        _allowed(target, owned=asked.yes_i_run_this_server)
        names = {"moderator": asked.moderator, "host": asked.host}
        accounts = accounts_of(target, plan, names, lambda role, name: _password(role, name, environ))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            report = runner.run(rehearse(target, plan, accounts, progress.show))
    except (ValueError, Unreachable) as fault:
        raise CannotRehearse(str(fault)) from None
    finally:
        progress.end()
    say((as_json(report) if asked.json else text(report)) + "\n")
    return INTERRUPTED if report.interrupted else int(bool(faults(report)))


def plan_of(asked: argparse.Namespace) -> Plan:
    """Raises ValueError."""
    given = tuple(dict.fromkeys(asked.room))
    plan = Plan(
        viewers=asked.viewers,
        posters=asked.posters,
        rooms=len(given) or asked.rooms,
        given=given,
        seconds=asked.seconds,
        rate=usual_rate(asked.posters) if asked.rate is None else asked.rate,
        arrivals=asked.arrivals,
        budget=Budget(asked.join_ms, asked.queued_ms, asked.screen_ms, asked.page_ms),
    )
    plan.check()
    return plan


def _allowed(target: Target, *, owned: bool) -> None:
    if not (owned or target.loopback):
        raise Unreachable("this is a load: a server that is not on this machine wants --yes-i-run-this-server")


def _password(role: str, name: str, environ: Mapping[str, str]) -> str:
    given = environ.get(f"REHEARSAL_{role.upper()}_PASSWORD") or environ.get(PASSWORD)
    if given:
        return given
    if not sys.stdin.isatty():
        raise Unreachable(f"{PASSWORD} or REHEARSAL_{role.upper()}_PASSWORD is not set")
    return getpass.getpass(f"password of {name} ({role}): ")
