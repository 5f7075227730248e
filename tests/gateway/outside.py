"""A server of somebody else's on loopback: it answers the same bytes to everybody and keeps what it got."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass
class Outside:
    answer: bytes
    port: int = 0
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    lines: list[asyncio.StreamWriter] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines.append(writer)
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        head = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}
        self.heads.append({**head, "": first})
        self.bodies.append(await reader.readexactly(int(head["content-length"])))
        writer.write(self.answer)
        # What keeps silent keeps the line open too.
        if self.answer:
            writer.close()


def http(body: bytes, status: str = "200 OK", *heads: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *heads, "", ""]
    return "\r\n".join(lines).encode() + body


@asynccontextmanager
async def outside(answer: bytes) -> AsyncIterator[Outside]:
    there = Outside(answer)
    server = await asyncio.start_server(there.talk, "127.0.0.1", 0)
    there.port = server.sockets[0].getsockname()[1]
    async with server:
        yield there
        for line in there.lines:
            line.close()


def signature(secret: str, head: dict[str, str], body: bytes) -> str:
    """The one that whoever knows the secret expects, by the headers beside it."""
    signed = f"{head['x-wenzheng-timestamp']}.{head['x-wenzheng-id']}.".encode() + body
    return f"sha256={hmac.new(secret.encode(), signed, sha256).hexdigest()}"
