"""A line to Redis on the event loop that serves: however it ends, it is broken and nothing else."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop
from redis.exceptions import ResponseError

from gateway.presence_exchange import Exchange
from gateway.redis_line import LineBroken, RedisLine
from gateway.redis_link import RedisLink
from kernel.tasks import spawn
from tests.services.redis import OwnRedis, own_redis

PATIENCE_S = 10.0


def on_the_loop_that_serves(story: Callable[[OwnRedis], Awaitable[None]]) -> None:
    with own_redis() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(story(server), PATIENCE_S))


def test_a_redis_that_dies_while_nothing_is_said_breaks_the_line_at_the_next_word() -> None:
    """uvloop has closed the connection by then, and says so with words of its own."""

    async def story(server: OwnRedis) -> None:
        line = RedisLine(RedisLink(server.url))
        await line.open()
        writer = line._connection._writer
        assert writer is not None
        writer.transport.abort()  # as the loop does when it hears of it
        await asyncio.sleep(0)
        with pytest.raises(LineBroken):
            await line.send([("PING",)])
        await line.close()

    on_the_loop_that_serves(story)


def test_who_watches_elsewhere_is_then_not_known_and_asked_again_later() -> None:
    async def story(server: OwnRedis) -> None:
        exchange = Exchange(RedisLink(server.url), "node", 15.0)
        assert await exchange.tell(b"here") == []
        server.kill()
        for _ in range(20):
            assert await exchange.tell(b"here") is None
        server.start()
        while await exchange.tell(b"here") is None:
            await asyncio.sleep(0.01)
        await exchange.close()

    on_the_loop_that_serves(story)


def test_many_questions_are_one_write_and_each_has_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(server: OwnRedis) -> None:
        line = RedisLine(RedisLink(server.url))
        await line.open()
        written: list[Any] = []
        send = line._connection.send_packed_command

        async def noted(packed: bytes, **options: Any) -> None:
            written.append(packed)
            await send(packed, **options)

        monkeypatch.setattr(line._connection, "send_packed_command", noted)
        answers = await line.ask([("ECHO", str(n)) for n in range(256)] + [("NO SUCH",), ("ECHO", b"\xff")])
        assert answers[:256] + answers[257:] == [str(n).encode() for n in range(256)] + [b"\xff"]
        assert isinstance(answers[256], ResponseError)
        (packed,) = written
        assert isinstance(packed, bytes), "pieces would be as many writes"
        assert await line.ask([("ECHO", "again")]) == [b"again"]
        await line.close()

    on_the_loop_that_serves(story)


@pytest.mark.parametrize("broken", ["killed", "frozen"])
def test_who_waits_for_an_answer_is_let_go(broken: str) -> None:
    async def story(server: OwnRedis) -> None:
        line = RedisLine(RedisLink(server.url), answer_s=0.1)
        await line.open()
        if broken == "frozen":
            server.freeze()
            with pytest.raises(LineBroken, match="TimeoutError"):
                await line.ask([("PING",)])
        else:
            waiting = spawn(line.ask([("BLPOP", "never", "0")]), name="a question")
            while not server.run("CLIENT", "LIST", "TYPE", "normal").count(b"cmd=blpop"):
                await asyncio.sleep(0)
            server.kill()
            with pytest.raises(LineBroken, match="Connection"):
                await waiting
        await line.close()

    on_the_loop_that_serves(story)


def test_one_that_answers_what_nobody_asked_is_left() -> None:
    async def story(server: OwnRedis) -> None:
        line = RedisLine(RedisLink(server.url))
        await line.open()
        await line.send([("PING",)])
        with pytest.raises(LineBroken, match="InvalidResponse"):
            await line.ended()
        await line.close()

    on_the_loop_that_serves(story)


# --- TLS ----------------------------------------------------------------------------------------------------------


def test_over_tls_it_asks_and_hears_as_it_does_without(tmp_path: Path) -> None:
    _certify(tmp_path)

    async def story(server: OwnRedis) -> None:
        async with await _tls_before(server, tmp_path) as front:
            port = front.sockets[0].getsockname()[1]
            link = RedisLink(f"rediss://127.0.0.1:{port}?ssl_ca_certs={tmp_path}/cert.pem")
            hearing, asking = RedisLine(link), RedisLine(link)
            heard: list[Any] = []
            await hearing.open(heard.extend)
            await asking.open()
            await hearing.send([("SUBSCRIBE", "c")])
            while not heard:
                await asyncio.sleep(0)
            long = b"x" * 200_000
            assert await asking.ask([("PUBLISH", "c", long), ("PUBLISH", "c", b"y")]) == [1, 1]
            while len(heard) < 3:
                await asyncio.sleep(0)
            assert heard == [[b"subscribe", b"c", 1], [b"message", b"c", long], [b"message", b"c", b"y"]]
            for line in (hearing, asking):
                await line.close()

    on_the_loop_that_serves(story)


def _certify(folder: Path) -> None:
    command = (
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", "2", "-subj", "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", "key.pem", "-out", "cert.pem"),
    )
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


async def _tls_before(server: OwnRedis, folder: Path) -> asyncio.Server:
    """Takes TLS off and passes on, as a proxy before a Redis does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(_pass(reader, behind_writer), _pass(behind_reader, writer), return_exceptions=True)

    return await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while said := await reader.read(65_536):
            writer.write(said)
    finally:
        writer.close()
