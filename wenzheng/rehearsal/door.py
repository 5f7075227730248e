"""The way to the server's socket: found once, then taken by as many as come."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from wenzheng.conformance.target import Target
from wenzheng.conformance.verdict import Unreachable
from wenzheng.rehearsal.socket import Socket, request

OPEN_S: Final = 30.0
# Beside the viewers: pages, pipes, the program itself.
OTHER_FILES: Final = 100


class Door:
    """Where all connections of a rehearsal go in."""

    def __init__(self, target: Target, address: str) -> None:
        parts = urlsplit(target.ws)
        self.request = request(parts.netloc)
        self._address = address
        self._port = parts.port or (443 if parts.scheme == "wss" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "wss" else None
        self._name = parts.hostname if self._tls else None

    async def open(self, who: Socket) -> None:
        """However it fails, `who` is told as of any other end."""
        try:
            async with asyncio.timeout(OPEN_S):
                loop = asyncio.get_running_loop()
                await loop.create_connection(
                    lambda: who, self._address, self._port, ssl=self._tls, server_hostname=self._name
                )
        except OSError as fault:
            who.ended(type(fault).__name__)


async def find(target: Target) -> Door:
    """The first address of the name that takes a connection. Raises `Unreachable`."""
    parts = urlsplit(target.http)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        for *_, address in found:
            try:
                async with asyncio.timeout(OPEN_S):
                    transport, _protocol = await loop.create_connection(asyncio.Protocol, str(address[0]), port)
                transport.close()
                return Door(target, str(address[0]))
            except OSError:
                continue
    except OSError as fault:
        raise Unreachable(f"{target.http} is not found: {fault}") from None
    raise Unreachable(f"{target.http} does not answer")


def make_room(connections: int) -> None:
    """Lets this process open so many files, if the system allows it. Raises `Unreachable`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHER_FILES
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Unreachable(f"this machine lets a process open {hard} files, and {wanted} are needed: ulimit -n")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
