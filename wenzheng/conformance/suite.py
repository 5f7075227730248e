"""What is checked, in which order, and how a run goes: both codecs side by side, each in a room of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from wenzheng.conformance import codecs
from wenzheng.conformance.checks import handshake, hiding, lanes, messages, moderation, posting, states
from wenzheng.conformance.people import People
from wenzheng.conformance.stage import Stage, set_up, take_down
from wenzheng.conformance.target import Target
from wenzheng.conformance.verdict import Broken, Refused, Result, Unreachable

CHECK_S = 20.0  # one check
RUN_S = 300.0  # all of them; what has not been begun by then has failed
Check = Callable[[Stage], Awaitable[None]]

CHECKS: dict[str, Check] = {
    "handshake.subprotocol": handshake.subprotocol,
    "handshake.origin": handshake.origin,
    "handshake.negotiated": handshake.negotiated,
    "hello.welcome": handshake.welcome,
    "hello.first": handshake.hello_first,
    "hello.token": handshake.token,
    "hello.ticket": handshake.ticket,
    "messages.unknown-command": messages.unknown_command,
    "messages.unknown-fields": messages.unknown_fields,
    "messages.wrong-types": messages.wrong_types,
    "messages.sixteen": messages.sixteen,
    "messages.other-kind": messages.other_kind,
    "messages.too-large": messages.too_large,
    "vectors.refused": messages.refused,
    "vectors.echoed": messages.echoed,
    "vectors.text": messages.text_travels,
    "lanes.snapshot": lanes.snapshot,
    "lanes.order": lanes.order,
    "lanes.resume": lanes.resume,
    "lanes.other-epoch": lanes.other_epoch,
    "lanes.access": lanes.access,
    "lanes.no-room": lanes.no_room,
    "lanes.fetch": lanes.fetch,
    "lanes.leave": lanes.leave,
    "lanes.same-items": lanes.same_items,
    "lanes.heartbeat": lanes.heartbeat,
    "posting.once": posting.once,
    "posting.once-by-http": posting.once_by_http,
    "posting.reply-to-nothing": posting.reply_to_nothing,
    "posting.correction": posting.correction,
    "posting.votes": posting.votes,
    "posting.marks": posting.marks,
    "posting.own": posting.own,
    "moderation.unseen": moderation.unseen,
    "moderation.published": moderation.published,
    "moderation.one-verdict": moderation.one_verdict,
    "moderation.without-lease": moderation.without_lease,
    "moderation.for-moderators": moderation.for_moderators,
    "hiding.redact": hiding.redact,
    "hiding.restore": hiding.restore,
    "hiding.for-moderators": hiding.for_moderators,
    "states.paused": states.paused,
    "states.bad-step": states.bad_step,
    # The last: it ends the room.
    "states.closed": states.closed,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which checks in which codecs."""

    checks: tuple[str, ...] = tuple(CHECKS)
    codecs: tuple[str, ...] = codecs.NAMES


def plan(only: Sequence[str], wanted: Sequence[str] = codecs.NAMES) -> Plan:
    """`only` are names, or the first parts of names: `lanes`. Raises ValueError for one that names nothing."""
    for name in only:
        if not _named(name):
            raise ValueError(f"there is no check {name}")
    chosen = {check for name in only for check in _named(name)}
    return Plan(tuple(check for check in CHECKS if check in chosen or not only), tuple(wanted))


def _named(name: str) -> Collection[str]:
    return [check for check in CHECKS if check == name or check.startswith(f"{name}.")]


async def run(
    target: Target, people: People, plan: Plan, tell: Callable[[Result], None] = lambda _: None
) -> list[Result]:
    """Every result, in the order of the list; `tell` hears of each as it comes."""
    done = await asyncio.gather(*(_run_codec(target, people, codec, plan.checks, tell) for codec in plan.codecs))
    return [result for results in done for result in results]


async def _run_codec(
    target: Target, people: People, codec: str, checks: Sequence[str], tell: Callable[[Result], None]
) -> list[Result]:
    stage = await set_up(target, codec, people)
    until = time.monotonic() + RUN_S
    results = []
    try:
        for name in checks:
            began = time.monotonic()
            problem = await _problem(CHECKS[name], stage) if began < until else "not checked: the run took too long"
            result = Result(name, codec, round(time.monotonic() - began, 3), problem)
            results.append(result)
            tell(result)
    finally:
        await take_down(stage)
    return results


async def _problem(check: Check, stage: Stage) -> str | None:
    """What is wrong, in one line. A fault of the check's own counts as one: silence would look like conformance."""
    try:
        async with asyncio.timeout(CHECK_S):
            await check(stage)
    except Broken as broken:
        return str(broken)
    except Refused as refused:
        return f"refused with {refused.code}"
    except TimeoutError:
        return "what should have come did not come in time"
    except ConnectionClosed as closed:
        return f"the connection was closed: {closed}"
    except (InvalidHandshake, OSError, Unreachable) as failure:
        return f"no connection: {failure}"
    except Exception as failure:
        return f"an answer of another shape: {type(failure).__name__}: {failure}"
    return None
