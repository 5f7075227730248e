"""Sockets that never read, on the real server: all are let go, and nobody else notices."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import httpx2
import orjson
import pytest

from tests.client import Live, sign_in
from tests.services.server import ServerProcess

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

SLOW = 8
BODY = "长" * 3_000


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path, "--demo", settings={"WENZHENG_LIMITS__PARK_S": "1"}).start()
    yield server
    assert server.stop() == 0, server.log()[-4000:]


async def deaf(server: ServerProcess, room: str) -> socket.socket:
    """Joins and then reads nothing; its own buffer is small, so that the server's fill."""
    loop = asyncio.get_running_loop()
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    sock.setblocking(False)
    await loop.sock_connect(sock, ("127.0.0.1", server.port))
    head = (
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: wenzheng.v1.json\r\n\r\n"
    )
    await loop.sock_sendall(sock, head.encode())
    assert b" 101 " in await loop.sock_recv(sock, 4_096)
    frames = orjson.dumps([{"t": "hello", "id": 1}, {"t": "join", "id": 2, "room": room, "tail": 0}])
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(frames))
    size = bytes([0x81, 0x80 | len(frames)]) if len(frames) < 126 else struct.pack(">BBH", 0x81, 0xFE, len(frames))
    await loop.sock_sendall(sock, size + mask + masked)
    return sock


def resident_kib(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


async def test_all_are_let_go_and_nobody_else_notices(impatient: ServerProcess) -> None:
    host, price = await sign_in(impatient.base, "host"), await sign_in(impatient.base, "price1")
    room = (await host.post("/rooms", {"title": "慢", "departments": ["price"], "open": True}))["id"]
    slow = [await deaf(impatient, room) for _ in range(SLOW)]
    async with Live(impatient.base) as quick, Live(impatient.base, token=price.token) as speaker:
        await quick.join(room)
        lane = quick.rooms[room].lanes["pub"]
        before, sent = resident_kib(impatient.pid), 0
        async with asyncio.timeout(60):
            while (await _closed_as_slow(host.base)) < SLOW:
                await speaker.post(room, f"n{sent}", "notice", f"{sent:06d}{BODY}")
                sent += 1
        await quick.until(lambda: len([item for item in lane.items if item["k"] == "msg"]) == sent)
        assert lane.holes == 0
        assert quick.connects == 1
        # What they did not read was never kept for them; the room's own ring is what grew.
        assert resident_kib(impatient.pid) - before < 40 * 1024
    for sock in slow:
        sock.close()
    for api in (host, price):
        await api.close()


async def _closed_as_slow(base: str) -> int:

    async with httpx2.AsyncClient(trust_env=False) as http:
        text = (await http.get(base + "/metrics")).text
    found = [line for line in text.splitlines() if line.startswith("wenzheng_socket_closes_4002_total")]
    return round(float(found[0].split()[-1])) if found else 0
