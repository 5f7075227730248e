"""What is in force on a node: loaded before the first post, swapped whole, never dropped for what cannot be used."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest

from kernel.ids import RoomId
from moderation.lists import live
from moderation.lists.layers import PIECE, Layers, build
from moderation.lists.live import Found, LiveWords, NotLoaded
from moderation.lists.model import CITY, Written
from tests.moderation.lists.fake_lists import FakeLists

pytestmark = pytest.mark.anyio
ROOM = RoomId("room")


@pytest.fixture
def lists() -> FakeLists:
    return FakeLists()


@pytest.fixture
async def words(lists: FakeLists) -> AsyncIterator[LiveWords]:
    """Polls as often as a test likes to wait."""
    made = LiveWords(lists, poll_s=0.01)
    yield made
    await made.close()


def terms(found: list[Found]) -> list[tuple[str, int, bool]]:
    return [(one.hit.term.text, one.number, one.city) for one in found]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_before_the_store_was_asked_nobody_is_judged(words: LiveWords) -> None:
    with pytest.raises(NotLoaded):
        words.find(ROOM, "黑车")


async def test_what_there_is_counts_from_the_start(lists: FakeLists, words: LiveWords) -> None:
    lists.put("黑车\n")

    await words.start()

    assert terms(words.find(ROOM, "坐黑车")) == [("黑车", 1, True)]
    assert words.numbers() == {CITY: 1}


async def test_without_any_list_nothing_is_found_and_nothing_waits(words: LiveWords) -> None:
    await words.start()

    assert words.find(ROOM, "黑车") == []


async def test_a_change_is_followed_and_the_reason_names_the_new_version(lists: FakeLists, words: LiveWords) -> None:
    lists.put("黑车\n")
    await words.start()

    lists.put("黑车\n卖票\n")

    await until(lambda: words.numbers()[CITY] == 2)
    assert terms(words.find(ROOM, "黑车卖票")) == [("黑车", 2, True), ("卖票", 2, True)]


async def test_an_unchanged_store_is_asked_for_one_row_and_no_more(lists: FakeLists, words: LiveWords) -> None:
    lists.put("黑车\n")
    await words.refresh()
    before = lists.asked

    await words.refresh()

    assert lists.asked == before + 1


async def test_while_the_first_list_is_built_posts_go_on_by_none(lists: FakeLists, words: LiveWords) -> None:
    await words.start()
    held = asyncio.Event()
    fetch = lists.word_list

    async def slowly(scope: str, number: int | None = None) -> object:
        await held.wait()
        return await fetch(scope, number)

    lists.word_list = slowly  # type: ignore[method-assign,assignment]  # a store that takes its time
    lists.put("黑车\n")
    await until(lambda: words.behind() == [CITY])
    assert words.find(ROOM, "黑车") == []

    held.set()
    await until(lambda: words.behind() == [])
    assert terms(words.find(ROOM, "黑车")) == [("黑车", 1, True)]


async def test_a_list_that_cannot_be_built_leaves_the_one_before_and_is_loud(
    lists: FakeLists, words: LiveWords, caplog: pytest.LogCaptureFixture
) -> None:
    lists.put("黑车\n")
    await words.start()

    with caplog.at_level(logging.ERROR):
        lists.put("term,category,action\n秘密词,,explode\n")
        await until(lambda: words.measures()["word_list_faults_total"] == 1)

    assert terms(words.find(ROOM, "黑车")) == [("黑车", 1, True)]
    assert words.behind() == [CITY]
    assert "word list city v2 cannot be used" in caplog.text
    assert "秘密词" not in caplog.text

    lists.put("卖票\n")
    await until(lambda: words.behind() == [])
    assert terms(words.find(ROOM, "黑车卖票")) == [("卖票", 3, True)]


async def test_a_first_list_that_cannot_be_built_admits_nobody(lists: FakeLists, words: LiveWords) -> None:
    lists.put("term,category,action\n词,,explode\n")
    await words.start()

    with pytest.raises(NotLoaded):
        words.find(ROOM, "随便")


async def test_a_rooms_list_that_cannot_be_built_here_leaves_the_citys_findings_and_is_tried_again(
    lists: FakeLists, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = LiveWords(lists, poll_s=0.01, retry_s=0.0)
    short_of_memory = True

    def failing(written: Written) -> Layers:
        if short_of_memory and "黄牛" in written.terms:
            raise MemoryError
        return build(written)

    monkeypatch.setattr(live, "build", failing)
    lists.put("黑车\n")
    lists.put("黄牛\n", scope=ROOM)
    await words.start()
    try:
        await until(lambda: words.measures()["word_list_faults_total"] > 1)
        with pytest.raises(NotLoaded) as missing:
            words.find(ROOM, "黄牛坐黑车")
        assert terms(list(missing.value.found)) == [("黑车", 1, True)]
        assert words.behind() == [ROOM]
        assert "every post there waits for a person" in caplog.text

        short_of_memory = False
        await until(lambda: ROOM in words.numbers())
        assert terms(words.find(ROOM, "黄牛坐黑车")) == [("黑车", 1, True), ("黄牛", 1, False)]
        assert words.behind() == []
    finally:
        await words.close()


async def test_a_list_that_cannot_be_built_is_not_tried_again_at_every_post(lists: FakeLists) -> None:
    words = LiveWords(lists)
    lists.put("term,category,action\n词,,explode\n", scope=ROOM)
    for _ in range(3):
        await words.refresh()
        with pytest.raises(NotLoaded):
            words.find(ROOM, "随便")

    assert words.measures()["word_list_faults_total"] == 1
    await words.close()


async def test_a_silent_store_keeps_what_is_in_force(lists: FakeLists, words: LiveWords) -> None:
    lists.put("黑车\n")
    await words.start()
    lists.away, before = True, lists.asked

    await until(lambda: lists.asked > before + 2)
    assert terms(words.find(ROOM, "黑车")) == [("黑车", 1, True)]

    lists.away = False
    lists.put("卖票\n")
    await until(lambda: words.numbers()[CITY] == 2)


async def test_a_store_that_is_silent_at_the_start_is_asked_again(lists: FakeLists, words: LiveWords) -> None:
    lists.put("黑车\n")
    lists.away = True
    await words.start()
    with pytest.raises(NotLoaded):
        words.find(ROOM, "黑车")

    lists.away = False
    await until(lambda: words.numbers() == {CITY: 1})


async def test_a_rooms_list_adds_to_the_citys_and_excuses_its_terms_there_only(
    lists: FakeLists, words: LiveWords
) -> None:
    lists.put("彩票\n")
    lists.put("黄牛\n", "彩票公益金\n", scope=ROOM)
    await words.start()

    body = "彩票公益金和黄牛"
    assert terms(words.find(ROOM, body)) == [("黄牛", 1, False)]
    assert terms(words.find(RoomId("another"), body)) == [("彩票", 1, True)]


async def test_of_many_rooms_the_others_are_fetched_when_somebody_posts_there(
    lists: FakeLists, words: LiveWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ROOM_LISTS_MAX", 1)
    for scope in ("a", "b"):
        lists.put("黄牛\n", scope=scope)
    await words.start()
    (missing,) = {"a", "b"} - set(words.numbers()) or {"b"}

    if missing not in words.numbers():
        with pytest.raises(NotLoaded):
            words.find(RoomId(missing), "黄牛")
    await until(lambda: missing in words.numbers())
    assert terms(words.find(RoomId(missing), "黄牛")) == [("黄牛", 1, False)]


async def test_of_many_rooms_the_newest_are_ready_and_their_changes_followed(
    lists: FakeLists, words: LiveWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ROOM_LISTS_MAX", 2)
    lists.put("彩票\n")
    for scope in ("a", "b", "c"):
        lists.put("黄牛\n", scope=scope)

    await words.refresh()
    assert words.numbers() == {CITY: 1, "b": 1, "c": 1}

    lists.put("卖票\n", scope="c")
    await words.refresh()
    assert words.numbers() == {CITY: 1, "b": 1, "c": 2}
    assert terms(words.find(RoomId("c"), "卖票")) == [("卖票", 2, False)]

    lists.put("黑车\n", scope="d")
    await words.refresh()
    assert words.numbers() == {CITY: 1, "c": 2, "d": 1}
    assert terms(words.find(RoomId("d"), "黑车")) == [("黑车", 1, False)]


async def test_a_room_fetched_on_demand_makes_room_and_is_never_judged_by_none(
    lists: FakeLists, words: LiveWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ROOM_LISTS_MAX", 2)
    await words.refresh()
    for scope in ("a", "b", "c"):
        lists.put("黄牛\n", scope=scope)
    await words.refresh()
    assert words.numbers() == {"b": 1, "c": 1}

    with pytest.raises(NotLoaded):
        words.find(RoomId("a"), "黄牛")
    await words.refresh()

    assert terms(words.find(RoomId("a"), "黄牛")) == [("黄牛", 1, False)]
    assert len(words.numbers()) == 2


async def test_what_was_built_in_pieces_is_one_again_when_nobody_posts(lists: FakeLists) -> None:
    words = LiveWords(lists, poll_s=0.01, quiet_s=0.0)
    await words.start()
    try:
        lists.put("".join(f"词{number}字\n" for number in range(PIECE + 1)))
        await until(lambda: words.numbers().get(CITY) == 1)
        await until(lambda: len(words._lists[CITY].layers.base.lists) == 1)
        assert terms(words.find(ROOM, "有词7字")) == [("词7字", 1, True)]
    finally:
        await words.close()


async def test_a_list_the_store_has_no_more_is_gone(lists: FakeLists, words: LiveWords) -> None:
    lists.put("黄牛\n", scope=ROOM)
    await words.start()

    lists.versions.clear()
    lists.changes = 0

    await until(lambda: words.numbers() == {})
    assert words.find(ROOM, "黄牛") == []
