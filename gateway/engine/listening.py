"""Listening sockets with what every accepted one inherits: a small send buffer and an end for the dead."""

from __future__ import annotations

import errno
import os
import socket
import sys

# Without it the kernel takes megabytes for one who does not read, and nobody notices.
SEND_BUFFER = 64 * 1024
BACKLOG = 4096
# A machine that vanished is found by the kernel: probes after a minute of silence, and unacknowledged bytes.
_IDLE_S, _PROBE_S, _PROBES, _UNACKNOWLEDGED_MS = 60, 15, 4, 60_000
# Elsewhere SO_REUSEPORT is missing, or gives every connection to the last who bound.
BALANCES = sys.platform == "linux"


class ListenError(Exception):
    """One line, for whoever started the process."""


def listen(host: str, port: int) -> list[socket.socket]:
    """One socket for each address `host` stands for (localhost is two); port 0 takes a free one, of the first only."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as unknown:
        raise ListenError(f"cannot listen on {host}: {unknown.strerror}") from unknown
    unique = list(dict.fromkeys((entry[0], entry[4]) for entry in found))
    listeners: list[socket.socket] = []
    try:
        for family, address in unique if port else unique[:1]:
            if (listener := _bound(family, address)) is not None:
                listeners.append(listener)
        if not listeners:
            raise ListenError(f"cannot listen on {host}:{port}: no such address on this machine")
    except BaseException:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def listen_in_slots(host: str, port: int, slots: int, *, balances: bool = BALANCES) -> list[list[socket.socket]]:
    """As `listen`, for so many processes: each slot has sockets of its own, and the kernel spreads connections.

    A slot's backlog is its own, too: whoever keeps these open keeps what waits while a slot has no process. Where the
    kernel does not spread, all slots are the same sockets.
    """
    # First as nobody else: with SO_REUSEPORT alone a second server of ours would take half of the first one's visitors.
    alone = listen(host, port)
    if not balances or slots == 1:
        return [alone] * slots
    addresses = [(listener.family, listener.getsockname()) for listener in alone]
    for listener in alone:
        listener.close()
    opened: list[list[socket.socket]] = []
    try:
        for _ in range(slots):
            opened.append([])
            for family, address in addresses:
                if (own := _bound(family, address, shared=True)) is not None:
                    opened[-1].append(own)
    except BaseException:
        for own in (own for slot in opened for own in slot):
            own.close()
        raise
    return opened


def _bound(
    family: int, address: tuple[str | int, ...] | tuple[int, bytes], *, shared: bool = False
) -> socket.socket | None:
    try:
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as failed:
        # A machine without IPv6 may still know the name ::1.
        if failed.errno == errno.EAFNOSUPPORT:
            return None
        raise
    try:
        _set_options(listener, family)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        # At once: two processes may hold one port until the first of them listens.
        listener.listen(BACKLOG)
    except OSError as failed:
        listener.close()
        if failed.errno == errno.EADDRNOTAVAIL:
            return None
        reason = "the port is taken" if failed.errno == errno.EADDRINUSE else os.strerror(failed.errno or 0)
        raise ListenError(f"cannot listen on {address[0]!s}:{address[1]!s}: {reason}") from failed
    listener.setblocking(False)
    return listener


def _set_options(listener: socket.socket, family: int) -> None:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _IDLE_S),
        ("TCP_KEEPINTVL", _PROBE_S),
        ("TCP_KEEPCNT", _PROBES),
        ("TCP_USER_TIMEOUT", _UNACKNOWLEDGED_MS),
    ):
        if hasattr(socket, name):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
