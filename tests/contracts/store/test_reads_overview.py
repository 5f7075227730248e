"""The reads over all rooms, the same on either store."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from kernel.ids import DepartmentId, RoomId
from persistence import schema
from persistence.store import Store
from rooms.model import PostKind, RoomState
from rooms.overview import CityFigures, Figures, RoomFilter, words_of
from tests.contracts.store.ground import NOW, Ground, lay

pytestmark = pytest.mark.anyio
DAY = 86_400_000


async def titles(store: Store, limit: int = 20, **wanted: object) -> list[str]:
    found, _ = await store.find_rooms(RoomFilter(**wanted), limit)  # type: ignore[arg-type]
    return [room.title for room in found]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("地铁", ["地铁票价怎么定"]),
        ("票价 地铁", ["地铁票价怎么定"]),
        ("地铁 供暖", []),
        ("5g", ["小区 5G 基站与100%覆盖"]),
        ("100%", ["小区 5G 基站与100%覆盖"]),
        ("%", ["小区 5G 基站与100%覆盖"]),
        ("_", []),
        ("\\", []),
        ("' OR 1=1 --", []),
        ("\x00", []),
        ("\ud800", []),
    ],
)
async def test_titles_are_found_by_words_of_any_length(store: Store, query: str, found: list[str]) -> None:
    def build(ground: Ground) -> None:
        for title in ("地铁票价怎么定", "供暖不热找谁", "小区 5G 基站与100%覆盖"):
            ground.room(title=title)

    await lay(store, build)

    assert await titles(store, words=words_of(query)) == found


async def test_rooms_are_found_by_department_state_and_day(store: Store) -> None:
    def build(ground: Ground) -> None:
        _placed(ground, "今天的", opened_at=NOW)
        _placed(ground, "明天的", state="scheduled", starts_at=NOW + DAY)
        _placed(ground, "没定时间的", state="scheduled")
        other = _placed(ground, "没有地铁公司的", opened_at=NOW - DAY, starts_at=NOW + DAY)
        places = schema.room_department.c
        gone = delete(schema.room_department).where(places.room_id == other, places.department_id == "metro")
        ground.connection.execute(gone)

    await lay(store, build)

    assert await titles(store) == ["没有地铁公司的", "没定时间的", "明天的", "今天的"]
    assert await titles(store, department=DepartmentId("metro")) == ["没定时间的", "明天的", "今天的"]
    assert await titles(store, department=DepartmentId("nobody")) == []
    assert await titles(store, state=RoomState.SCHEDULED) == ["没定时间的", "明天的"]
    assert await titles(store, since=NOW, until=NOW + DAY) == ["今天的"]
    assert await titles(store, since=NOW - DAY, until=NOW) == ["没有地铁公司的"]
    assert await store.moments(NOW - DAY, NOW + 2 * DAY) == [NOW - DAY, NOW, NOW + DAY]
    assert await store.moments(NOW, NOW + DAY) == [NOW]
    assert await store.department_sessions() == {"price": 4, "transport": 4, "metro": 3}


async def test_a_search_is_bounded_and_says_when_there_is_more(store: Store) -> None:
    def build(ground: Ground) -> None:
        for n in range(4):
            ground.room(title=f"第 {n} 场")

    await lay(store, build)

    found, more = await store.find_rooms(RoomFilter(words=("场",)), 3)
    assert ([room.title for room in found], more) == (["第 3 场", "第 2 场", "第 1 场"], True)
    found, more = await store.find_rooms(RoomFilter(words=("场",)), 4)
    assert (len(found), more) == (4, False)
    assert [place.id for place in found[0].departments] == ["price", "transport", "metro"]
    assert len((await store.find_rooms(RoomFilter(), 10**9))[0]) == 4


async def test_figures_count_what_can_be_read_now(store: Store) -> None:
    def build(ground: Ground) -> tuple[RoomId, RoomId, RoomId]:
        room, other, empty = _placed(ground, "一", opened_at=NOW), ground.room(title="二"), ground.room(title="空")
        answered, hidden = ground.post(room, "答了的"), ground.post(room, "隐去的")
        ground.reply(room, answered, "答复一")
        ground.reply(room, answered, "答复二")
        ground.reply(room, hidden, "答复")
        ground.hide(hidden)
        taken_back = ground.post(room, "答复隐去的")
        ground.hide(ground.reply(room, taken_back, "答错了"))
        ground.post(room, "还在审的", state="pending")
        ground.reply(room, ground.post(room, "只有追问的"), "追问", kind=PostKind.COMMENT)
        ground.reply(room, ground.post(room, "答复还在审的"), "草稿", state="pending")
        ground.post(room, "公告", kind=PostKind.NOTICE)
        ground.reply(other, ground.post(other, "另一场的"), "答")
        return room, other, empty

    room, other, empty = await lay(store, build)

    assert await store.room_figures([room, other, empty, RoomId("nowhere"), RoomId("\x00")]) == {
        room: Figures(questions=4, answered=1),
        other: Figures(questions=1, answered=1),
    }
    assert await store.room_figures([]) == {}
    assert await store.city_figures() == CityFigures(sessions=1, questions=5, answered=2)


async def test_an_empty_city_has_figures_too(store: Store) -> None:
    assert await store.city_figures() == CityFigures(0, 0, 0)
    assert await store.department_sessions() == {}
    assert await store.moments(0, 10**15) == []


def _placed(ground: Ground, title: str, **values: object) -> RoomId:
    room = ground.room(title=title)
    ground.connection.execute(update(schema.room).where(schema.room.c.id == room).values(**values))
    return room
