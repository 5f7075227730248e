"""Alarms against a real server on loopback: what is sent, and what counts as heard."""

from __future__ import annotations

import json
import socket

import httptools
import pytest

from gateway.alarm_http import HttpAlarm
from gateway.signed_post import BadAnswer
from kernel.clock import FrozenClock
from moderation.alarms import Alarm, AlarmWord
from moderation.queue_health import MINUTE_MS, health_of
from tests.gateway.outside import http, outside, signature

pytestmark = pytest.mark.anyio
SECRET = "a shared secret of theirs"


def alarm_to(port: int, *, timeout_s: float = 5.0) -> HttpAlarm:
    return HttpAlarm(f"http://127.0.0.1:{port}/alarms", SECRET, FrozenClock(), timeout_s=timeout_s)


def word(*, raised: bool = True) -> AlarmWord:
    now = FrozenClock().now_ms()
    return AlarmWord(Alarm.UNATTENDED, raised, now, 0, health_of(now, [now - 2 * MINUTE_MS, now], []))


async def test_numbers_go_out_signed_and_nothing_else() -> None:
    async with outside(http(b"", "204 No Content")) as there:
        await alarm_to(there.port).tell(word())
        await alarm_to(there.port).tell(word())

    head, body = there.heads[0], there.bodies[0]
    assert head["x-wenzheng-signature"] == signature(SECRET, head, body)
    assert json.loads(body) == {
        "id": word().id,
        "alarm": "unattended",
        "state": "on",
        "since": word().since,
        "waiting": 2,
        "oldest_ms": 2 * MINUTE_MS,
        "wait_p95_ms": None,
        "decided_5m": 0,
        "on_duty": 0,
    }
    # What had to be said twice is known by its id; the end of an alarm is another word.
    assert [one["x-wenzheng-id"] for one in there.heads] == [word().id] * 2
    assert word(raised=False).id != word().id


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 202 Accepted\r\nConnection: close\r\n\r\nheard"]
)
async def test_a_yes_that_ends_with_its_connection_was_heard(answer: bytes) -> None:
    async with outside(answer) as there:
        await alarm_to(there.port).tell(word())
        assert len(there.bodies) == 1


@pytest.mark.parametrize(
    "answer",
    [http(b"", "500 Internal Server Error"), http(b"", "302 Found", "Location: http://127.0.0.1:1/"), b"SSH-2.0\r\n"],
    ids=["500", "redirect", "not http"],
)
async def test_what_is_no_yes_was_not_heard(answer: bytes) -> None:
    async with outside(answer) as there:
        with pytest.raises((BadAnswer, httptools.HttpParserError)):
            await alarm_to(there.port).tell(word())
        assert len(there.bodies) == 1


async def test_who_keeps_silent_is_not_waited_for() -> None:
    async with outside(b"") as there:
        with pytest.raises(TimeoutError):
            await alarm_to(there.port, timeout_s=0.05).tell(word())


async def test_nobody_there_heard_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            await alarm_to(taken.getsockname()[1]).tell(word())
