"""Judges outside: joined to what the phases found, bounded in time and number, and never a way to be let through."""

from __future__ import annotations

import asyncio

import pytest

from kernel.clock import FrozenClock
from kernel.ids import RoomId
from kernel.tasks import spawn
from moderation import judges as judges_module
from moderation.drafts import Context, Draft
from moderation.judges import FAILURES_MAX, REST_MS, Judges
from moderation.verdicts import ADMITTED, Verdict, admit, hold, refuse
from rooms.model import Policy, PostKind, Reason
from tests.moderation.fake_store import NETIZEN, ROOM

pytestmark = pytest.mark.anyio
DRAFT = Draft(NETIZEN, PostKind.QUESTION, "起步价为什么是三元？")
CONTEXT = Context(Policy(), room=ROOM)
UNREACHABLE = hold(Reason("hook", category="unreachable"))


class Scripted:
    """Answers what it is told to; an exception is raised, None with `slow` never comes."""

    name = "hook"

    def __init__(self, answer: object = None, *, slow: bool = False) -> None:
        self.answer = answer
        self.slow = slow
        self.asked = 0

    async def judge(self, draft: Draft, context: Context) -> Verdict | None:
        self.asked += 1
        if self.slow:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[return-value]  # what is no verdict is tried too


async def ask(judge: Scripted, found: Verdict = ADMITTED) -> Verdict:
    return await Judges([judge], FrozenClock(), timeout_s=0.02).ask(DRAFT, CONTEXT, found)


async def test_nobody_to_ask_is_no_change() -> None:
    assert await Judges().ask(DRAFT, CONTEXT, ADMITTED) is ADMITTED


@pytest.mark.parametrize(
    ("found", "answer", "joined"),
    [
        (ADMITTED, None, ADMITTED),
        (ADMITTED, admit(), ADMITTED),
        (ADMITTED, hold(Reason("hook", category="ads")), hold(Reason("hook", category="ads"))),
        (hold(Reason("premoderation")), admit(), hold(Reason("premoderation"))),
        (
            hold(Reason("premoderation")),
            refuse(Reason("hook", category="ads")),
            refuse(Reason("premoderation"), Reason("hook", category="ads")),
        ),
    ],
)
async def test_what_it_says_is_joined_to_what_the_phases_found(
    found: Verdict, answer: Verdict | None, joined: Verdict
) -> None:
    assert await ask(Scripted(answer), found) == joined


async def test_what_is_refused_is_not_told_to_anybody_outside() -> None:
    judge = Scripted()

    assert await ask(judge, refuse(Reason("wordlist"))) == refuse(Reason("wordlist"))
    assert judge.asked == 0


@pytest.mark.parametrize(
    "judge",
    [Scripted(OSError("away")), Scripted(ValueError("rubbish")), Scripted("admit"), Scripted(slow=True)],
    ids=["away", "rubbish", "no verdict", "slow"],
)
async def test_whatever_fails_holds(judge: Scripted, caplog: pytest.LogCaptureFixture) -> None:
    assert await ask(judge) == UNREACHABLE
    assert DRAFT.body not in caplog.text


async def test_only_the_rooms_it_is_for_are_asked_about() -> None:
    judge = Scripted(hold())
    judges = Judges([judge], FrozenClock(), rooms=frozenset({RoomId("another")}))

    assert await judges.ask(DRAFT, CONTEXT, ADMITTED) is ADMITTED
    assert judge.asked == 0


async def test_one_that_keeps_failing_is_left_alone_and_tried_again_after_a_rest() -> None:
    judge, clock = Scripted(OSError()), FrozenClock()
    judges = Judges([judge], clock)
    for _ in range(FAILURES_MAX + 3):
        assert await judges.ask(DRAFT, CONTEXT, ADMITTED) == UNREACHABLE
    assert judge.asked == FAILURES_MAX

    clock.advance(REST_MS)
    assert await judges.ask(DRAFT, CONTEXT, ADMITTED) == UNREACHABLE
    assert judge.asked == FAILURES_MAX + 1, "one tries, and the rest begins anew"
    assert await judges.ask(DRAFT, CONTEXT, ADMITTED) == UNREACHABLE
    assert judge.asked == FAILURES_MAX + 1

    clock.advance(REST_MS)
    judge.answer = None
    assert await judges.ask(DRAFT, CONTEXT, ADMITTED) == ADMITTED
    assert await judges.ask(DRAFT, CONTEXT, ADMITTED) == ADMITTED
    assert judges.measures() == {
        "judges_asked_total": FAILURES_MAX + 3,
        "judges_failed_total": FAILURES_MAX + 1,
        "judges_spared_total": 4,
    }


async def test_more_at_once_than_it_is_asked_are_held_and_not_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges_module, "ASKED_MAX", 2)
    judge = Scripted(slow=True)
    judges = Judges([judge], FrozenClock(), timeout_s=5)
    waiting = [spawn(judges.ask(DRAFT, CONTEXT, ADMITTED), name=f"asked {n}") for n in range(2)]
    while judge.asked < 2:
        await asyncio.sleep(0)

    assert await judges.ask(DRAFT, CONTEXT, ADMITTED) == UNREACHABLE
    assert judge.asked == 2
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
