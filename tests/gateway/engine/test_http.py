"""Plain HTTP within limits: heads, bodies, time, pipelines; refusals that arrive whole; everybody else served."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from ipaddress import ip_network

import pytest

from gateway.engine import http
from gateway.options import GatewayOptions
from tests.gateway.engine.running import House, house, options, read_all, request_head, wait_until

pytestmark = pytest.mark.anyio

HOST = b"Host: 127.0.0.1\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def code(answer: bytes) -> object:
    return json.loads(answer.rpartition(b"\r\n\r\n")[2])["code"]


def get(*fields: bytes, path: bytes = b"/") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"".join(field + b"\r\n" for field in fields) + b"\r\n"


def post(body: bytes, *fields: bytes, path: bytes = b"/") -> bytes:
    head = b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"".join(field + b"\r\n" for field in fields)
    return head + b"\r\n" + body


async def test_requests_are_answered_and_connections_kept(server: House) -> None:
    with server.raw() as kept:
        for _ in range(3):
            kept.sendall(get())
            assert kept.recv(65536).startswith(b"HTTP/1.1 200 ")
        kept.sendall(post(b"x" * 10, b"Content-Length: 10", b"Connection: close"))
        answer = read_all(kept)
    assert b'"bytes":10' in answer
    assert b"\r\nserver:" not in answer.lower()


@pytest.mark.parametrize(
    "head",
    [
        get(*(b"X-%d: 1" % n for n in range(500))),
        get(*(b"X: 1" for _ in range(101))),
        get(b"X: " + b"x" * 40_000),
        get(path=b"/" + b"x" * 40_000),
        get(b"X" * 40_000 + b": 1"),
        b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000,
        b"G" * 40_000,
        b"\r\n" * 20_000,
    ],
    ids=["500 fields", "101 fields", "long value", "long target", "long name", "endless value", "method", "newlines"],
)
async def test_heads_that_are_too_much(server: House, head: bytes) -> None:
    answer = server.throw(head)
    assert status(answer) in (400, 431)
    assert answer.count(b"HTTP/1.1 ") == 1
    await server.serves()


async def test_five_hundred_fields_are_told_why(server: House) -> None:
    answer = server.throw(get(*(b"X-%d: 1" % n for n in range(500))))
    assert (status(answer), code(answer)) == (431, "too_large")
    assert b"application/problem+json" in answer


async def test_a_hundred_fields_are_fine(server: House) -> None:
    assert status(server.throw(get(b"Connection: close", *(b"X-%d: 1" % n for n in range(98))))) == 200


BROKEN = {
    "no http": b"hello\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": get(b"Host: other.example"),
    "odd host": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "version 2.0": b"GET / HTTP/2.0\r\n" + HOST + b"\r\n",
    "version 3.7": b"GET / HTTP/3.7\r\n" + HOST + b"\r\n",
    "both lengths": post(b"0\r\n\r\n", b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    "both lengths, other order": post(b"0\r\n\r\n", b"Transfer-Encoding: chunked", b"Content-Length: 5"),
    "two lengths": post(b"xxxxx", b"Content-Length: 5", b"Content-Length: 6"),
    "the same length twice": post(b"xxxxx", b"Content-Length: 5", b"Content-Length: 5"),
    "negative length": post(b"xxxxx", b"Content-Length: -5"),
    "signed length": post(b"xxxxx", b"Content-Length: +5"),
    "hexadecimal length": post(b"xxxxx", b"Content-Length: 0x5"),
    "unknown coding": post(b"xxxxx", b"Transfer-Encoding: gzip"),
    "coding before chunked": post(b"0\r\n\r\n", b"Transfer-Encoding: gzip, chunked"),
    "chunked twice": post(b"0\r\n\r\n", b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    "obfuscated coding": post(b"0\r\n\r\n", b"Transfer-Encoding: xchunked"),
    "space before the colon": get(b"X : 1"),
    "folded field": get(b"X: 1\r\n 2"),
    "null in a value": get(b"X: a\x00b"),
    "bare newline in a value": get(b"X: a\nb"),
    "absolute nonsense": b"GET http:// HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "h2c with a body": post(b"xxxxx", b"Connection: Upgrade", b"Upgrade: h2c", b"Content-Length: 5"),
    "http/2 by prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("name", BROKEN)
async def test_ambiguous_or_broken_requests(server: House, name: str) -> None:
    answer = server.throw(BROKEN[name])
    assert (status(answer), code(answer)) == (400, "bad_request")
    assert answer.count(b"HTTP/1.1 ") == 1
    await server.serves()


async def test_connect_is_refused(server: House) -> None:
    answer = server.throw(b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n")
    assert status(answer) in (400, 405)
    await server.serves()


async def test_an_offered_upgrade_to_http2_is_ignored(server: House) -> None:
    answer = server.throw(get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"))
    assert status(answer) == 200
    assert b"connection: close" in answer


async def test_a_body_announced_too_large(server: House) -> None:
    started = time.monotonic()
    answer = server.throw(post(b"", b"Content-Length: 300000"))
    assert (status(answer), code(answer)) == (413, "too_large")
    answer = server.throw(post(b"", b"Content-Length: " + b"9" * 400))
    assert status(answer) in (400, 413)
    answer = server.throw(post(b"x" * 1000, b"Content-Length: 300000", b"Expect: 100-continue"))
    assert status(answer) == 413
    assert time.monotonic() - started < 5
    await server.serves()


async def test_a_chunked_body_that_grows_too_large(server: House) -> None:
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    answer = server.throw(post(chunk * 20, b"Transfer-Encoding: chunked"))
    assert (status(answer), code(answer)) == (413, "too_large")
    await server.serves()


async def test_a_whole_body_within_the_limit(server: House) -> None:
    answer = server.throw(post(b"x" * 262_144, b"Content-Length: 262144", b"Connection: close"))
    assert b'"bytes":262144' in answer
    chunked = b"".join(b"1\r\nx\r\n" for _ in range(1000)) + b"0\r\n\r\n"
    answer = server.throw(post(chunked, b"Transfer-Encoding: chunked", b"Connection: close"))
    assert b'"bytes":1000' in answer


async def test_endless_chunk_heads_and_trailers() -> None:
    with house(options(http_body_bytes=10_000)) as server:
        for body in (b"1;" + b"x" * 500_000, b"0\r\nX: " + b"x" * 500_000):
            answer = server.throw(post(body, b"Transfer-Encoding: chunked"))
            assert status(answer) in (400, 413)
        await server.serves()


async def test_trailers_change_nothing(server: House) -> None:
    body = b"1\r\nx\r\n0\r\nX-Forwarded-For: 1.1.1.1\r\nHost: other\r\n\r\n"
    answer = server.throw(post(body, b"Transfer-Encoding: chunked", b"Connection: close"))
    assert b'"bytes":1' in answer


async def test_a_body_longer_than_it_says(server: House) -> None:
    """The answer belongs to the bytes that were announced; the rest is no request, and ends the connection."""
    answer = server.throw(post(b"x" * 5 + b"y" * 500, b"Content-Length: 5"))
    assert answer.count(b"HTTP/1.1 ") == 1
    assert status(answer) in (200, 400)
    await server.serves()


async def test_a_body_shorter_than_it_says() -> None:
    with house(options(http_body_s=0.4)) as server:
        answer = server.throw(post(b"x" * 5, b"Content-Length: 500"))
        assert (status(answer), code(answer)) == (408, "timeout")
        await server.serves()


async def test_heads_that_never_end() -> None:
    with house(options(http_head_s=0.4)) as server:
        assert status(server.throw(b"GET / HTTP/1.1\r\nHost: x\r\n")) == 408
        assert server.throw() == b""
        with server.raw() as kept:
            kept.sendall(get())
            assert kept.recv(65536).startswith(b"HTTP/1.1 200 ")
            kept.sendall(b"GET / HT")
            assert status(read_all(kept)) == 408
        await server.serves()
        wait_until(lambda: not server.server.engine.sweep)


async def test_a_trickle_does_not_buy_time() -> None:
    with house(options(http_head_s=0.6)) as server, server.raw() as slow:
        slow.sendall(b"GET / HTTP/1.1\r\n")
        started, answer = time.monotonic(), b""
        slow.settimeout(0.05)
        while not answer and time.monotonic() - started < 10:
            with suppress(OSError):
                slow.sendall(b"X: 1\r\n")
                answer = slow.recv(100)
        assert status(answer) == 408


async def test_an_answer_before_the_body_is_not_followed_by_another(server: House) -> None:
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    with server.raw() as early:
        early.sendall(post(b"", b"Transfer-Encoding: chunked", path=b"/early"))
        first = early.recv(65536)
        assert status(first) == 200
        with suppress(OSError):
            for _ in range(20):
                early.sendall(chunk)
        assert b"HTTP/1.1" not in first[8:] + read_all(early)
    await server.serves()


async def test_a_short_pipeline_is_answered_in_order(server: House) -> None:
    answer = server.throw(get() * 4 + get(b"Connection: close"))
    assert answer.count(b"HTTP/1.1 200 ") == 5


async def test_a_long_pipeline_is_cut(server: House) -> None:
    answer = server.throw(get() * 5000)
    assert answer.count(b"HTTP/1.1 200 ") <= http.PIPELINED + 1
    await server.serves()


async def test_rubbish_behind_a_request_does_not_run_into_its_answer(server: House) -> None:
    answer = server.throw(get() + b"rubbish\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    await server.serves()


async def test_an_upgrade_behind_a_request_is_cut(server: House) -> None:
    assert b" 101 " not in server.throw(get() + request_head(server.port))
    await server.serves()


async def test_a_response_nobody_reads_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "UNREAD_S", 0.4)
    with house() as server, server.raw() as deaf:
        deaf.sendall(get(path=b"/stream"))
        wait_until(lambda: server.server.engine.connections)
        wait_until(lambda: not server.server.engine.connections)
        wait_until(lambda: not server.server.server_state.tasks)


async def test_too_many_connections_are_cut() -> None:
    with house() as server:
        server.server.engine.connections_max = 3
        kept = [server.raw() for _ in range(3)]
        wait_until(lambda: len(server.server.engine.connections) == 3)
        assert server.throw(get()) == b""
        for connection in kept:
            connection.close()
        wait_until(lambda: not server.server.engine.connections)
        await server.serves()


async def test_who_asks_is_told_by_trusted_proxies_only(server: House) -> None:
    forwarded = get(b"X-Forwarded-For: 203.0.113.9", b"X-Forwarded-Proto: https", b"Connection: close")
    assert b'"client":"127.0.0.1","scheme":"http"' in server.throw(forwarded)
    with house(GatewayOptions(trusted_proxies=(ip_network("127.0.0.1/32"),))) as trusting:
        assert b'"client":"203.0.113.9","scheme":"https"' in trusting.throw(forwarded)


async def test_nothing_is_left_of_a_connection(server: House) -> None:
    for _ in range(50):
        server.throw(get(b"Connection: close"))
        server.throw(b"rubbish\r\n\r\n")
    wait_until(lambda: not server.server.engine.connections)
    wait_until(lambda: not server.server.engine.sweep)
