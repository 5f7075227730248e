"""Listening sockets for several processes: one set for each, on a port that nobody else can join."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.engine.listening import SEND_BUFFER, ListenError, listen, listen_in_slots

Slots = list[list[socket.socket]]


@contextmanager
def listening(host: str = "127.0.0.1", port: int = 0, slots: int = 3, **more: bool) -> Iterator[Slots]:
    opened = listen_in_slots(host, port, slots, **more)
    try:
        yield opened
    finally:
        for listener in (listener for slot in opened for listener in slot):
            listener.close()


def test_each_slot_has_its_own_sockets_on_the_one_port() -> None:
    with listening() as slots:
        everybody = [listener for slot in slots for listener in slot]
        assert len(everybody) == len({listener.fileno() for listener in everybody}) == 3
        assert len({listener.getsockname() for listener in everybody}) == 1
        assert all(one.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) for one in everybody)
        # The kernel tells twice what was asked for: its own bookkeeping counts.
        assert {one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) for one in everybody} == {2 * SEND_BUFFER}


def test_a_name_for_two_addresses_is_both_in_each_slot() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with listening("localhost", port) as slots:
        addresses = [{listener.getsockname()[0] for listener in slot} for slot in slots]
        assert addresses[0] == addresses[1] == addresses[2]
        assert "127.0.0.1" in addresses[0]


def test_where_the_kernel_does_not_spread_all_share_the_same() -> None:
    with listening(balances=False) as slots:
        assert slots[0] is slots[1]
        assert slots[0][0].getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) == 0


@pytest.mark.parametrize(
    "second", [lambda port: listen_in_slots("127.0.0.1", port, 2), lambda port: listen("127.0.0.1", port)]
)
def test_a_port_in_use_is_refused_and_never_shared_with_strangers(second: object) -> None:
    """With SO_REUSEPORT alone a second server would start and take half of the first one's visitors."""
    assert callable(second)
    with listening() as slots, pytest.raises(ListenError, match="taken"):
        second(slots[0][0].getsockname()[1])


def test_every_slot_is_given_connections() -> None:
    with listening(slots=2) as slots:
        for slot in slots:
            slot[0].setblocking(False)
        callers = [socket.create_connection(slots[0][0].getsockname()) for _ in range(64)]
        served = 0
        for slot in slots:
            mine = 0
            while True:
                try:
                    slot[0].accept()[0].close()
                except BlockingIOError:
                    break
                mine += 1
            assert mine > 0
            served += mine
        assert served == len(callers)
        for caller in callers:
            caller.close()
