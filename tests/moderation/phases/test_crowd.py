"""One text from many people at one time waits for a person; people who only ask about the same thing do not."""

from __future__ import annotations

import random

import pytest

from kernel.clock import FrozenClock
from kernel.ids import RoomId, UserId
from kernel.permissions import Actor, Role
from moderation.drafts import Context, Draft
from moderation.phases import crowd
from moderation.phases.crowd import BURST_FROM, WINDOW_MS, Crowd
from moderation.verdicts import Strength, Verdict
from rooms.model import Policy, PostKind
from tests.moderation.fake_store import HOST
from tests.moderation.phases.judging import categories

LETTER = "我们小区全体业主强烈要求取消首条地铁线的起步价上调方案，请市物价局立即答复"
ROOM = RoomId("room")


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def phase(clock: FrozenClock) -> Crowd:
    return Crowd(clock)


def says(phase: Crowd, who: str, body: str, room: RoomId | None = ROOM) -> Verdict | None:
    author = Actor(UserId(who), who, Role.NETIZEN, guest=True)
    return phase(Draft(author, PostKind.QUESTION, body), Context(Policy(premoderate=False), room=room))


def test_the_third_person_with_one_text_waits_and_the_second_is_only_noted(phase: Crowd) -> None:
    verdicts = [says(phase, f"g:{number}", LETTER) for number in range(BURST_FROM + 1)]

    assert [categories(verdict) for verdict in verdicts] == [[], ["alike"], ["burst"], ["burst"]]
    assert [verdict.strength if verdict else None for verdict in verdicts] == [
        None,
        Strength.ADMIT,
        Strength.HOLD,
        Strength.HOLD,
    ]


@pytest.mark.parametrize(
    "variant",
    [
        "我们小区全体业主强烈要求取消首条地铁线的起步价上调方案！！请市物价局立即答复！",
        "我们 小区 全体业主 强烈要求 取消首条地铁线的起步价上调方案，请 市物价局 立即答复",
        "我们小区全体业主强烈要求取消首条地铁线的起步价上调方案，请市物价局马上答复",
    ],
)
def test_a_few_changed_words_and_marks_change_nothing(phase: Crowd, variant: str) -> None:
    says(phase, "g:1", LETTER)
    says(phase, "g:2", LETTER)

    assert categories(says(phase, "g:3", variant)) == ["burst"]


def test_one_person_is_no_crowd(phase: Crowd) -> None:
    assert [categories(says(phase, "g:1", LETTER)) for _ in range(5)] == [[]] * 5
    assert len(phase) == 1


@pytest.mark.parametrize(
    "bodies",
    [
        ("支持",) * 5,
        ("什么时候通车呀",) * 5,
        ("六十五岁以上老人坐地铁免费吗，要带什么证件", "学生坐地铁有没有优惠，要不要办卡", "残疾人坐地铁怎么进站"),
        tuple(f"我支持第{number}种票价方案，希望尽快实行起来" for number in range(4)),
    ],
    ids=["a word", "a short question", "one subject", "another number"],
)  # fmt: skip
def test_people_who_only_ask_about_the_same_do_not_wait(phase: Crowd, bodies: tuple[str, ...]) -> None:
    held = [says(phase, f"g:{number}", body) for number, body in enumerate(bodies)]

    assert all(verdict is None or verdict.strength is Strength.ADMIT for verdict in held)


def test_another_room_and_another_hour_are_another_matter(phase: Crowd, clock: FrozenClock) -> None:
    says(phase, "g:1", LETTER)
    says(phase, "g:2", LETTER)

    assert says(phase, "g:3", LETTER, RoomId("another")) is None
    clock.advance(WINDOW_MS + 1)
    assert says(phase, "g:4", LETTER) is None


def test_staff_and_tools_are_not_counted(phase: Crowd) -> None:
    for number in range(3):
        assert says(phase, f"g:{number}", LETTER, None) is None
        assert phase(Draft(HOST, PostKind.NOTICE, LETTER), Context(Policy(), room=ROOM)) is None
    assert len(phase) == 0


def test_where_a_person_looks_anyway_nothing_is_remembered(phase: Crowd) -> None:
    for number in range(BURST_FROM):
        author = Actor(UserId(f"g:{number}"), "", Role.NETIZEN, guest=True)
        assert phase(Draft(author, PostKind.QUESTION, LETTER), Context(Policy(), room=ROOM)) is None
    assert len(phase) == 0


def test_memory_is_bounded_and_leaves_nothing_behind(
    phase: Crowd, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "REMEMBERED_MAX", 20)
    chance = random.Random(7)
    for number in range(200):
        clock.advance(1)
        body = LETTER if number % 3 else "".join(chance.choices("春夏秋冬东南西北风雨雷电江河湖海", k=30))
        says(phase, f"g:{number}", body)
    assert len(phase) == 20

    clock.advance(2 * WINDOW_MS)
    says(phase, "g:last", LETTER)
    assert len(phase) == 1
    assert len(phase._having) <= 4
