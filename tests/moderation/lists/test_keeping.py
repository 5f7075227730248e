"""Versions are published one after the other, each with a reason; a change is tried before; the file only begins."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any

import pytest

from kernel.clock import FrozenClock
from kernel.ids import PostId, UserId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from moderation.lists import keeping
from moderation.lists.keeping import Change, WordLists
from moderation.lists.layers import Layers, build
from moderation.lists.model import CITY, SETTINGS, Written
from moderation.lists.ports import RecentText
from rooms.model import Policy, PostKind
from tests.moderation.fake_store import HOST, MODERATOR, NETIZEN, ROOM
from tests.moderation.lists.fake_lists import FakeLists

pytestmark = pytest.mark.anyio
WHY = "有人绕过"


@pytest.fixture
def store() -> FakeLists:
    return FakeLists()


@pytest.fixture
def lists(store: FakeLists) -> WordLists:
    return WordLists(store, FrozenClock(5))


async def code_of(asked: Any) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        await asked
    return refused.value.code.name, refused.value.field


@pytest.mark.parametrize("somebody", [HOST, NETIZEN])
async def test_lists_are_for_those_who_keep_them(lists: WordLists, somebody: Any) -> None:
    assert (await code_of(lists.read(somebody, CITY)))[0] == "forbidden"
    assert (await code_of(lists.try_out(somebody, CITY, Change(), 1)))[0] == "forbidden"
    assert (await code_of(lists.publish(somebody, CITY, Change(terms="词"), 0, WHY)))[0] == "forbidden"


async def test_a_version_says_who_when_and_why(lists: WordLists) -> None:
    version = await lists.publish(MODERATOR, CITY, Change(terms="黑车\n", exceptions="黑车间"), 0, f" {WHY} ")

    assert (version.number, version.by, version.by_name) == (1, MODERATOR.id, MODERATOR.name)
    assert (version.at, version.reason, version.count, version.exception_count) == (5, WHY, 1, 1)


async def test_single_terms_are_put_and_removed_and_the_rest_stays(lists: WordLists) -> None:
    await lists.publish(MODERATOR, CITY, Change(terms="甲\n乙\n", exceptions="丙"), 0, WHY)

    await lists.publish(MODERATOR, CITY, Change(put="term,category,action\n丁,广告,refuse\n", remove=("甲",)), 1, WHY)

    now = await lists.read(MODERATOR, CITY)
    assert now.terms == "term,category,action,match\n乙,,hold,plain\n丁,广告,refuse,plain\n"
    assert now.exceptions == "丙"


async def test_whoever_changed_an_older_version_is_told(lists: WordLists) -> None:
    await lists.publish(MODERATOR, CITY, Change(terms="甲"), 0, WHY)

    assert await code_of(lists.publish(MODERATOR, CITY, Change(terms="乙"), 0, WHY)) == ("stale_version", None)


@pytest.mark.parametrize("reason", ["", " \n", "长" * 201])
async def test_no_version_without_a_reason_that_can_be_read(lists: WordLists, reason: str) -> None:
    assert await code_of(lists.publish(MODERATOR, CITY, Change(terms="甲"), 0, reason)) == ("bad_request", "reason")


async def test_a_line_that_cannot_be_used_is_named_and_nothing_is_stored(lists: WordLists, store: FakeLists) -> None:
    bad = Change(terms="term,category,action\n好,,hold\n坏,,explode\n")

    assert await code_of(lists.publish(MODERATOR, CITY, bad, 0, WHY)) == ("bad_terms", "terms.3")
    assert store.changes == 0


async def test_the_difference_between_two_versions(lists: WordLists) -> None:
    await lists.publish(MODERATOR, CITY, Change(terms="甲\n乙\n", exceptions="丙"), 0, WHY)
    await lists.publish(
        MODERATOR, CITY, Change(terms="term,category,action\n乙,,refuse\n丁,,\n", exceptions="戊"), 1, WHY
    )

    found = await lists.difference(MODERATOR, CITY, 1, 2)

    assert [[term.text for term in part] for part in (found.added, found.removed, found.changed)] == [
        ["丁"],
        ["甲"],
        ["乙"],
    ]
    assert (found.exceptions_added, found.exceptions_removed) == (["戊"], ["丙"])


async def test_a_trial_counts_what_would_be_judged_otherwise_and_stores_nothing(
    lists: WordLists, store: FakeLists
) -> None:
    store.put("term,category,action\n旧词,,hold\n常词,,hold\n")
    bodies = ("有新词", "有坏词", "有旧词", "有常词", "什么也没有")
    store.texts = [
        RecentText(PostId(str(n)), ROOM, PostKind.QUESTION, body, n, Policy()) for n, body in enumerate(bodies)
    ]

    trial = await lists.try_out(
        MODERATOR, CITY, Change(put="term,category,action\n新词,,hold\n坏词,,refuse\n", remove=("旧词",)), 1000
    )

    assert (trial.tried, trial.held, trial.refused, trial.let_through) == (5, 1, 1, 1)
    assert [(one.text.body, one.before, one.after) for one in trial.changed] == [
        ("有新词", "admit", "hold"),
        ("有坏词", "admit", "refuse"),
        ("有旧词", "hold", "admit"),
    ]
    assert store.changes == 1


async def test_trials_are_made_in_pieces_beside_posts_and_one_at_a_time(
    lists: WordLists, store: FakeLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("黑车\n")
    at_once = most = 0
    together = threading.Barrier(2)

    def building(written: Written, *, beside_posts: bool = False) -> Layers:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        # Whoever else were let in would come while this one waits.
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(0.05)
        at_once -= 1
        assert beside_posts
        return build(written, beside_posts=beside_posts)

    monkeypatch.setattr(keeping, "build", building)
    await asyncio.gather(*(lists.try_out(MODERATOR, CITY, Change(put="词"), 10) for _ in range(2)))

    assert most == 1


async def test_what_was_held_or_refused_is_read_by_moderators_alone(lists: WordLists, store: FakeLists) -> None:
    store.texts = [RecentText(PostId("1"), ROOM, PostKind.QUESTION, "没人能看的话", 1, Policy())]
    coordinator = Actor(UserId("c"), "协调员", Role.COORDINATOR)

    trial = await lists.try_out(coordinator, CITY, Change(put="没人"), 10)

    assert (trial.tried, trial.held, trial.changed) == (1, 1, ())


async def test_the_settings_file_begins_the_list_and_goes_on_while_nobody_took_it_over(
    lists: WordLists, store: FakeLists
) -> None:
    first = await lists.take_from_settings("甲\n")
    assert first is not None
    assert (first.number, first.by) == (1, SETTINGS)
    assert await lists.take_from_settings("甲\n") is None, "a restart is no change"
    second = await lists.take_from_settings("甲\n乙\n")
    assert second is not None
    assert second.number == 2

    await lists.publish(MODERATOR, CITY, Change(put="丙"), 2, WHY)
    assert await lists.take_from_settings("甲\n乙\n丁\n") is None, "the list is the moderators' now"
    assert len(store.versions[CITY]) == 3


async def test_an_empty_file_makes_no_version(lists: WordLists, store: FakeLists) -> None:
    assert await lists.take_from_settings("\n") is None
    assert store.changes == 0
