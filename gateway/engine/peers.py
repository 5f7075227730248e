"""The other half of a socket: what the live room implements and the engine calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gateway.engine.sockets import Socket


class Peer(Protocol):
    """Who a socket belongs to. All calls come on the event loop and must return at once."""

    def received(self, payload: bytes, binary: bool) -> None:
        """One whole message, fragments joined; a text is valid UTF-8."""
        ...

    def resumed(self) -> None:
        """The transport is empty again."""
        ...

    def closed(self) -> None:
        """Once, whatever the cause, never from inside a call into the socket; nothing written later arrives."""
        ...


PeerFactory = Callable[["Socket"], Peer]


class Nobody:
    """Stands where a peer has left, so that neither keeps the other alive."""

    __slots__ = ()

    def received(self, payload: bytes, binary: bool) -> None:
        pass

    def resumed(self) -> None:
        pass

    def closed(self) -> None:
        pass


NOBODY = Nobody()
