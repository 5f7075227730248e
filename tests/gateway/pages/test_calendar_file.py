"""A session as a calendar file: what RFC 5545 asks of lines, texts and times."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.pages.calendar_file import calendar_of
from kernel.ids import RoomId, UserId
from rooms.model import Policy, Room, RoomState

ROOM = Room(
    id=RoomId("r1"),
    code="METRO7",
    title="地铁票价",
    summary="",
    state=RoomState.SCHEDULED,
    policy=Policy(),
    departments=(),
    created_by=UserId("host"),
    created_at=0,
)
STARTS = 1_447_826_400_000


def lines(room: Room = ROOM) -> list[str]:
    text = calendar_of(room, STARTS, STARTS - 1_000, "zh-CN", "https://wz.example.org/rooms/r1")
    assert text.endswith("END:VCALENDAR\r\n")
    return text.removesuffix("\r\n").split("\r\n")


def unfolded(room: Room) -> list[str]:
    return "\r\n".join(lines(room)).replace("\r\n ", "").split("\r\n")


def test_times_are_utc_and_the_address_is_the_rooms() -> None:
    told = lines()
    assert "DTSTART:20151118T060000Z" in told
    assert "DTSTAMP:20151118T055959Z" in told
    assert "UID:r1@wenzheng" in told
    assert "URL:https://wz.example.org/rooms/r1" in told


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("a,b;c\\d", "a\\,b\\;c\\\\d"),
        ("一\r\nBEGIN:VALARM", "一\\nBEGIN:VALARM"),
        ("一\rX:1", "一\\nX:1"),
        ("一\u2028X:1\u0085二", "一\\nX:1\\n二"),
    ],
)
def test_no_title_makes_a_property_of_its_own(title: str, written: str) -> None:
    assert f"SUMMARY:{written}" in unfolded(replace(ROOM, title=title))


def test_long_lines_are_folded_between_characters() -> None:
    room = replace(ROOM, title="首条地铁线票价怎么定" * 12, summary="x" * 300)
    assert all(len(line.encode()) <= 75 for line in lines(room))
    assert f"SUMMARY:{room.title}" in unfolded(room)
