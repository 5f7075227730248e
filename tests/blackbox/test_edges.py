"""The corners of the contract: handshakes, sign-outs, tickets, revisions, limits, and rubbish over raw sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.blackbox.test_contract import open_room, people, pull_post
from tests.client import Api, Live, Refused, guest, sign_in
from tests.services.server import ServerProcess

pytestmark = pytest.mark.anyio

JSON = [Subprotocol("wenzheng.v1.json")]
MSGPACK = [Subprotocol("wenzheng.v1.msgpack")]
Frame = dict[str, Any]


def ws(server: ServerProcess) -> str:
    return server.base.replace("http", "ws", 1) + "/ws"


@pytest.mark.parametrize(
    ("subprotocols", "origin", "status"),
    [
        (None, None, 400),
        ([Subprotocol("chat")], None, 400),
        (JSON, "https://evil.example", 403),
        (JSON, "null", 403),
        (JSON, "http://127.0.0.1.evil.example", 403),
        (JSON, "http://127.0.0.1:1", 403),
    ],
)
async def test_handshakes_refused(
    server: ServerProcess, subprotocols: list[Subprotocol] | None, origin: str | None, status: int
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(
            ws(server), subprotocols=subprotocols, origin=Origin(origin) if origin else None, proxy=None
        ):
            pass
    assert refused.value.response.status_code == status


async def test_own_origin_is_welcome(server: ServerProcess) -> None:
    async with connect(ws(server), subprotocols=JSON, origin=Origin(server.base), proxy=None) as socket:
        await socket.send('[{"t":"hello","id":"1"}]')
        frames = orjson.loads(await socket.recv())
        assert frames[0]["t"] == "welcome"
        assert frames[0]["limits"]


async def test_demo_answers_nobody_from_outside(server: ServerProcess) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http:
        for headers in ({"host": "city.example"}, {"x-forwarded-for": "203.0.113.9"}, {"forwarded": "for=203.0.113.9"}):
            assert (await http.get(server.base + "/", headers=headers)).status_code == 421, headers
    with pytest.raises(InvalidStatus) as refused:
        async with connect(
            ws(server), subprotocols=JSON, additional_headers={"x-forwarded-for": "203.0.113.9"}, proxy=None
        ):
            pass
    assert refused.value.response.status_code == 421


@pytest.mark.parametrize("subprotocols", [JSON, MSGPACK])
@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00\xff\xfe",
        b"{}",
        b"[",
        b"[" * 500 + b"]" * 500,
        b"[" + b",".join([b'{"t":"hello"}'] * 17) + b"]",
        b"[1]",
        b"null",
        b"\xdf\xff\xff\xff\xff",
        b"\xc1",
    ],
)
async def test_messages_that_are_none(server: ServerProcess, subprotocols: list[Subprotocol], message: bytes) -> None:
    """`err bad_frame` with id null, or close 4400, in the right and in the wrong kind of message."""
    for text in (True, False):
        async with connect(ws(server), subprotocols=subprotocols, proxy=None) as socket:
            hello = b'[{"t":"hello","id":"1"}]' if subprotocols is JSON else b"\x91\x82\xa1t\xa5hello\xa2id\xa11"
            await socket.send(hello, text=subprotocols is JSON)
            await socket.recv()
            payload = message if not text else message.decode("latin-1").encode()
            await socket.send(payload, text=text)
            try:
                answer = await asyncio.wait_for(socket.recv(), 10)
            except ConnectionClosed:
                assert socket.close_code == 4400
                continue
            raw = answer.encode() if isinstance(answer, str) else answer
            assert b"bad_frame" in raw


async def test_ten_megabytes(server: ServerProcess) -> None:
    async with connect(ws(server), subprotocols=JSON, proxy=None) as socket:
        await socket.send('[{"t":"hello","id":"1"}]')
        await socket.recv()
        with pytest.raises(ConnectionClosed):
            await socket.send('["' + "x" * 10_000_000 + '"]')
            while True:
                frame = orjson.loads(await socket.recv())[0]
                assert frame["code"] == "too_large"
        assert socket.close_code in (1009, 1006)
    assert httpx2.get(server.base + "/readyz", trust_env=False).status_code == 200


async def test_no_hello(server: ServerProcess) -> None:
    async with connect(ws(server), subprotocols=JSON, proxy=None) as socket:
        await socket.send('[{"t":"join","id":"1","room":"x"}]')
        assert orjson.loads(await socket.recv())[0]["code"] == "unauthenticated"
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(12):
                while True:
                    await socket.recv()
        assert socket.close_code == 4408


async def test_signing_out_ends_the_token_everywhere(server: ServerProcess) -> None:
    api = await sign_in(server.base, "metro1")
    room = (await api.get("/rooms?state=live"))["items"][0]["id"]
    async with Live(server.base, token=api.token) as live:
        await live.join(room)
        await api.call("DELETE", "/session")
        with pytest.raises(Refused, match=r"unauthenticated|expired"):
            await api.get("/me")
        # A revoked sign-in loses its socket too, within five seconds and the sweep's own period.
        await live.until(lambda: live.closes, timeout_s=12)
    await api.close()


async def test_the_ninth_room(server: ServerProcess) -> None:
    async with people(server, "host") as by:
        rooms = [(await open_room(by["host"], title=f"第{n}间"))["id"] for n in range(9)]
        async with Live(server.base) as viewer:
            for room in rooms[:8]:
                await viewer.join(room)
            with pytest.raises(Refused, match="too_many_rooms"):
                await viewer.join(rooms[8])
            await viewer.ask("leave", room=rooms[0])
            await viewer.join(rooms[8])


async def test_revised_while_waiting_and_after(server: ServerProcess) -> None:
    async with people(server, "host", "moderator1") as by:
        room = (await open_room(by["host"]))["id"]
        netizen = await guest(server.base)
        async with (
            Live(server.base, token=netizen.token) as asker,
            Live(server.base, token=by["moderator1"].token) as moderator,
            Live(server.base, keep_raw=True) as viewer,
        ):
            await viewer.join(room)
            asked = await asker.post(room, "r", "question", "六十岁以上免票吗")
            waiting = await pull_post(moderator, room, asked["post"])
            await asker.ask("revise", post=asked["post"], ver=1, body="六十五岁以上免票吗？")
            with pytest.raises(Refused, match="stale_version"):
                await moderator.ask("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="publish")
            waiting = await pull_post(moderator, room, asked["post"])
            assert waiting["body"] == "六十五岁以上免票吗？"
            await moderator.ask("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="publish")
            revised = await asker.ask("revise", post=asked["post"], ver=waiting["ver"], body="六十五岁以上半价吗？")
            assert revised["state"] in ("published", "pending")
            lane = viewer.rooms[room].lanes["pub"]
            await viewer.until(lambda: any(item["k"] == "msg" for item in lane.items))
            again = await pull_post(moderator, room, asked["post"])
            assert again["ver"] == waiting["ver"] + 1
            assert not any("半价".encode() in raw for raw in viewer.raw or [])
            decided = await moderator.ask("mod.decide", post=asked["post"], ver=again["ver"], verdict="publish")
            await viewer.until(lambda: lane.seq >= decided["seq"])
            assert (lane.items[-1]["k"], lane.items[-1]["body"]) == ("edit", "六十五岁以上半价吗？")
            withdrawn = await asker.ask("withdraw", post=asked["post"])
            assert withdrawn["t"] == "ok"
            await viewer.until(lambda: lane.items[-1]["k"] == "redact")
        await netizen.close()


async def test_steering_is_said_once(server: ServerProcess) -> None:
    async with people(server, "host", "price1") as by:
        room = (await open_room(by["host"]))["id"]
        async with Live(server.base, token=by["host"].token) as host:
            await host.join(room)
            notice = await host.post(room, "n", "notice", "十点开始统一答复")
            for kind in ("pin", "stage"):
                first = await host.ask(kind, post=notice["post"], on=True)
                again = await host.ask(kind, post=notice["post"], on=True)
                assert again["seq"] == first["seq"]
            await host.ask("vote", post=notice["post"], v=1)
            await host.until(lambda: host.rooms[room].tally.get(notice["post"]) == [1, 0])
            before = await host.ask("room.set", room=room, set={"freeze": True, "policy": {"slow_ms": 1000}})
            await host.until(lambda: host.rooms[room].lanes["pub"].seq >= before["seq"])
            netizen = await guest(server.base)
            with pytest.raises(Refused, match="room_paused"):
                await netizen.post(f"/rooms/{room}/posts", {"cid": "f", "kind": "question", "body": "还能问吗？"})
            await netizen.close()
            # A newcomer's snapshot says the same.
        async with Live(server.base) as late:
            await late.join(room)
            snap = late.rooms[room].lanes["pub"].snap
            assert snap is not None
            assert (snap["pinned"], snap["stage"]) == ([notice["post"]], [notice["post"]])
            assert snap["tally"] == {notice["post"]: [1, 0]}


async def test_cookies_never_authenticate_a_socket(server: ServerProcess) -> None:
    async with people(server, "moderator1", "host") as by:
        room = (await open_room(by["host"]))["id"]
        cookie = {"cookie": f"wz_session={by['moderator1'].token}"}
        async with connect(
            ws(server) + f"?token={by['moderator1'].token}", subprotocols=JSON, additional_headers=cookie, proxy=None
        ) as socket:
            await socket.send(
                orjson.dumps(
                    [{"t": "hello", "id": "1"}, {"t": "join", "id": "2", "room": room, "lanes": ["mod"]}]
                ).decode()
            )
            frames: list[Frame] = []
            while len(frames) < 2:
                frames += orjson.loads(await socket.recv())
            assert frames[1]["code"] == "unauthenticated"
        assert by["moderator1"].token is not None
        assert by["moderator1"].token not in server.log()


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(500)) + b"\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n",
        b"POST /api/v1/guests HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{}",
        b"POST /api/v1/guests HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /api/v1/guests HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"POST /api/v1/guests HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    ],
)
async def test_rubbish_before_the_handshake(server: ServerProcess, rubbish: bytes) -> None:
    """The process answers with an error or closes, and serves everyone else as before."""
    async with Live(server.base) as bystander:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(rubbish)
        await writer.drain()
        api = Api(server.base)
        assert (await api.http.get("/readyz")).status_code == 200
        await api.close()
        writer.close()
        rooms = httpx2.get(server.base + "/api/v1/rooms?state=live", trust_env=False).json()["items"]
        await bystander.join(rooms[0]["id"])
        del reader


async def test_five_hundred_headers_get_an_answer(server: ServerProcess) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(500)) + b"\r\n")
    status = await asyncio.wait_for(reader.readline(), 10)
    assert b" 431 " in status
    writer.close()


async def test_lists_are_pages(server: ServerProcess) -> None:
    async with people(server, "host") as by:
        for n in range(3):
            await open_room(by["host"], title=f"第 {n} 场")
        first = await by["host"].get("/rooms?limit=2")
        assert len(first["items"]) == 2
        second = await by["host"].get(f"/rooms?limit=2&cursor={first['next']}")
        assert not {room["id"] for room in first["items"]} & {room["id"] for room in second["items"]}
        with pytest.raises(Refused, match="bad_request"):
            await by["host"].get("/rooms?cursor=%00rubbish")
        with pytest.raises(Refused, match="bad_request"):
            await by["host"].get("/rooms?state=asleep")
        described = await by["host"].get("/openapi.json")
        assert described["openapi"].startswith("3.1")
        assert (
            "/api/v1/rooms/{id}/posts" in described["paths"]
            or "/rooms/{room}/posts" in described["paths"]
            or any("posts" in path for path in described["paths"])
        )
