"""The opening handshake against the real server: who gets a 101, and what everybody else gets."""

from __future__ import annotations

import json
from ipaddress import ip_network

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Opcode

from gateway.options import GatewayOptions, Limits
from tests.gateway.engine.running import JSON, MSGPACK, House, house, masked, options, request_head

pytestmark = pytest.mark.anyio


def answered(server: House, head: bytes) -> tuple[int, dict[str, object]]:
    answer = server.throw(head)
    front, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in front
    assert b"connection: close" in front
    problem = json.loads(body)
    status = int(front.split()[1])
    assert problem["status"] == status
    return status, problem


REFUSED = [
    ("no subprotocol", {"sec_websocket_protocol": None}, 400, "bad_subprotocol"),
    ("unknown subprotocol", {"sec_websocket_protocol": "chat, wenzheng.v2.json"}, 400, "bad_subprotocol"),
    ("no version", {"sec_websocket_version": None}, 426, "upgrade_required"),
    ("old version", {"sec_websocket_version": "8"}, 426, "upgrade_required"),
    ("no key", {"sec_websocket_key": None}, 400, "bad_handshake"),
    ("short key", {"sec_websocket_key": "dGhlIHNhbXBsZQ=="}, 400, "bad_handshake"),
    ("key that is no base64", {"sec_websocket_key": "!!!!!!!!!!!!!!!!!!!!!!=="}, 400, "bad_handshake"),
    ("foreign origin", {"origin": "https://evil.example"}, 403, "bad_origin"),
    ("null origin", {"origin": "null"}, 403, "bad_origin"),
    ("no upgrade field", {"upgrade": None}, 426, "upgrade_required"),
    ("no connection field", {"connection": None}, 426, "upgrade_required"),
    ("connection without upgrade", {"connection": "keep-alive"}, 426, "upgrade_required"),
    ("another protocol", {"upgrade": "h2c"}, 426, "upgrade_required"),
    ("a body", {"content_length": "5"}, 400, "bad_handshake"),
    ("no host", {"host": None}, 400, "bad_request"),
    ("odd host", {"host": "a b"}, 400, "bad_request"),
]


@pytest.mark.parametrize(("fields", "status", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_refused(server: House, fields: dict[str, str | None], status: int, code: str) -> None:
    seen, problem = answered(server, request_head(server.port, **fields))
    assert (seen, problem["code"]) == (status, code)
    await server.serves()


async def test_a_wrong_version_is_told_the_right_one(server: House) -> None:
    answer = server.throw(request_head(server.port, sec_websocket_version="12"))
    assert b"\r\nsec-websocket-version: 13\r\n" in answer
    assert b"\r\nupgrade: websocket\r\n" in answer


@pytest.mark.parametrize("path", ["/", "/wss", "/ws/", "/rooms/1", "/%77s"])
async def test_an_upgrade_elsewhere_is_no_upgrade(server: House, path: str) -> None:
    assert answered(server, request_head(server.port, path))[0] == 404
    await server.serves()


async def test_post_does_not_open_a_socket(server: House) -> None:
    head = request_head(server.port).replace(b"GET ", b"POST ")
    assert answered(server, head)[0] == 405


async def test_plain_get_is_told_to_upgrade(server: House) -> None:
    assert server.get("/ws").startswith(b"HTTP/1.1 426 ")


@pytest.mark.parametrize("name", ["host", "origin", "sec-websocket-key", "sec-websocket-version"])
async def test_fields_that_may_not_come_twice(server: House, name: str) -> None:
    head = request_head(server.port, origin=f"http://127.0.0.1:{server.port}")
    line = next(line for line in head.split(b"\r\n") if line.startswith(name.encode() + b":"))
    assert answered(server, head[:-2] + line + b"\r\n\r\n")[0] == 400


@pytest.mark.parametrize("origin", ["http://127.0.0.1:{port}", "HTTP://127.0.0.1:{port}", "https://127.0.0.1:{port}"])
async def test_own_origin(server: House, origin: str) -> None:
    with server.shaken(origin=origin.format(port=server.port)):
        pass


async def test_another_port_is_another_origin(server: House) -> None:
    head = request_head(server.port, origin=f"http://127.0.0.1:{server.port + 1}")
    assert answered(server, head)[0] == 403


async def test_the_first_known_subprotocol_is_taken(server: House) -> None:
    for offered, expected in (([MSGPACK, JSON], MSGPACK), ([JSON, MSGPACK], JSON)):
        async with server.client(subprotocols=offered) as client:
            assert client.subprotocol == expected


async def test_offered_compression_is_not_agreed_to(server: House) -> None:
    with server.shaken(sec_websocket_extensions="permessage-deflate; client_max_window_bits"):
        pass
    async with connect(f"ws://127.0.0.1:{server.port}/ws", proxy=None, subprotocols=[JSON]) as client:
        assert client.protocol.extensions == []


async def test_frames_sent_along_with_the_handshake_are_not_lost(server: House) -> None:
    with server.raw() as eager:
        eager.sendall(request_head(server.port) + masked(Opcode.TEXT, b"early"))
        got = b""
        while not got.endswith(b"\x81\x05early"):
            piece = eager.recv(4096)
            assert piece, got
            got += piece


async def test_allow_list_and_public_origin() -> None:
    given = GatewayOptions(public_origin="https://ask.example.org", allowed_origins=("https://city.example",))
    with house(given) as server:
        for origin in ("https://ask.example.org", "https://city.example"):
            with server.shaken(origin=origin):
                pass
        assert answered(server, request_head(server.port, origin=f"http://127.0.0.1:{server.port}"))[0] == 403


async def test_the_demo_answers_this_machine_only() -> None:
    with house(GatewayOptions(demo=True)) as server:
        foreign = f"GET / HTTP/1.1\r\nHost: ask.example.org:{server.port}\r\n\r\n".encode()
        assert answered(server, foreign) == (421, answered(server, foreign)[1])
        forwarded = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n"
        assert answered(server, forwarded)[1]["code"] == "misdirected"
        assert answered(server, request_head(server.port, host="ask.example.org"))[0] == 421
        await server.serves()


async def test_too_many_sockets() -> None:
    with house(options(sockets=2, sockets_per_address=9)) as server:
        with server.shaken(), server.shaken():
            assert answered(server, request_head(server.port))[0] == 503
        async with server.client() as client:
            await client.ping()


async def test_too_many_sockets_of_one_address() -> None:
    limits = Limits(sockets=9, sockets_per_address=2)
    given = GatewayOptions(trusted_proxies=(ip_network("127.0.0.0/8"),), limits=limits)
    same, spoofed = "203.0.113.9", "1.1.1.1, 203.0.113.9"
    with (
        house(given) as server,
        server.shaken(x_forwarded_for=same),
        server.shaken(x_forwarded_for=spoofed),
    ):
        assert {peer.socket.address for peer in server.peers} == {same}
        status, problem = answered(server, request_head(server.port, x_forwarded_for=same))
        assert (status, problem["code"]) == (429, "rate")
        with server.shaken(x_forwarded_for="203.0.113.10"):
            pass


async def test_a_refused_client_sees_the_status(server: House) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with server.client(origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
