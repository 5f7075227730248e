"""What comes over a connection to Redis, however it is cut: whole, in order, all of one read together, and bounded."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import InvalidResponse, ResponseError

from gateway.redis_hearing import MAX_UNFINISHED, PIECE, TURN_BYTES, Hearing

pytestmark = pytest.mark.anyio


def said(payload: bytes, channel: bytes = b"c") -> bytes:
    return b"*3\r\n$7\r\nmessage\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(channel), channel, len(payload), payload)


class Connection(asyncio.Transport):
    """Takes notes; `before` is the protocol of whoever connected, which takes notes too."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []
        self.closing = False
        self.before = Before(self.notes)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.before

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.notes.append("taken over")

    def pause_reading(self) -> None:
        self.notes.append("pause")

    def resume_reading(self) -> None:
        self.notes.append("resume")

    def is_closing(self) -> bool:
        return self.closing


class Before(asyncio.Protocol):
    def __init__(self, notes: list[str]) -> None:
        self.notes = notes

    def pause_writing(self) -> None:
        self.notes.append("write no more")

    def resume_writing(self) -> None:
        self.notes.append("write on")

    def connection_lost(self, exc: Exception | None) -> None:
        self.notes.append("lost")


async def test_all_of_one_read_comes_together_and_in_order() -> None:
    heard: list[list[Any]] = []
    hearing = Hearing(Connection(), heard.append)
    count = 3 * PIECE // len(said(b"0000"))
    hearing.data_received(b"".join(said(b"%04d" % n) for n in range(count)))
    assert heard == [[[b"message", b"c", b"%04d" % n] for n in range(count)]]


async def test_however_it_is_cut_it_arrives_whole() -> None:
    whole = said("你好".encode()) + b":7\r\n" + said(b"") + b"$-1\r\n"
    for cut in range(len(whole)):
        heard: list[Any] = []
        hearing = Hearing(Connection(), heard.extend)
        hearing.data_received(whole[:cut])
        hearing.data_received(whole[cut:])
        assert heard == [[b"message", b"c", "你好".encode()], 7, [b"message", b"c", b""], None]


async def test_what_redis_refuses_is_a_value() -> None:
    heard: list[Any] = []
    Hearing(Connection(), heard.extend).data_received(b"-NOPERM no\r\n:1\r\n")
    assert isinstance(heard[0], ResponseError)
    assert (str(heard[0]), heard[1]) == ("NOPERM no", 1)


async def test_after_a_long_read_others_have_their_turn() -> None:
    connection = Connection()
    hearing = Hearing(connection, lambda said: None)
    hearing.data_received(said(bytes(100)))
    assert connection.notes == ["taken over"]
    hearing.data_received(said(bytes(TURN_BYTES)))
    assert connection.notes == ["taken over", "pause"]
    others: list[str] = []
    asyncio.get_running_loop().call_soon(others.append, "turn")
    await asyncio.sleep(0)
    assert (connection.notes, others) == (["taken over", "pause", "resume"], ["turn"])


async def test_one_that_is_closing_is_not_read_on() -> None:
    connection = Connection()
    Hearing(connection, lambda said: None).data_received(said(bytes(TURN_BYTES)))
    connection.closing = True
    await asyncio.sleep(0)
    assert connection.notes == ["taken over", "pause"]


async def test_an_answer_without_an_end_is_not_waited_for() -> None:
    hearing = Hearing(Connection(), lambda said: None)
    hearing.data_received(b"$%d\r\n" % (4 * MAX_UNFINISHED))
    part = bytes(MAX_UNFINISHED // 2)
    hearing.data_received(part)
    assert not hearing.ended.done()
    hearing.data_received(part)
    with pytest.raises(InvalidResponse, match="too long"):
        hearing.ended.result()


async def test_what_is_no_redis_ends_it() -> None:
    hearing = Hearing(Connection(), lambda said: None)
    hearing.data_received(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(InvalidResponse):
        hearing.ended.result()


async def test_what_the_hearer_raises_ends_it_and_nothing_is_heard_any_more() -> None:
    heard: list[Any] = []

    def hear(said: list[Any]) -> None:
        heard.extend(said)
        raise LookupError

    hearing = Hearing(Connection(), hear)
    hearing.data_received(b":1\r\n")
    hearing.data_received(b":2\r\n")
    hearing.end(ValueError("later"))
    assert heard == [1]
    with pytest.raises(LookupError):
        hearing.ended.result()


@pytest.mark.parametrize("lost", [None, ConnectionResetError()])
async def test_who_connected_hears_when_to_write_and_of_the_end(lost: Exception | None) -> None:
    connection = Connection()
    hearing = Hearing(connection, lambda said: None)
    hearing.pause_writing()
    hearing.resume_writing()
    hearing.connection_lost(lost)
    assert connection.notes == ["taken over", "write no more", "write on", "lost"]
    assert isinstance(hearing.ended.exception(), type(lost) if lost else RedisAway)


async def test_the_end_of_what_is_sent_is_the_end() -> None:
    hearing = Hearing(Connection(), lambda said: None)
    assert hearing.eof_received() is False
    assert isinstance(hearing.ended.exception(), RedisAway)
