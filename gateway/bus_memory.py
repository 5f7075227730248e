"""The bus of a single process: a hint reaches its subscribers at once, on the same loop."""

from __future__ import annotations

from collections.abc import Callable

from gateway.receivers import Receivers
from kernel.ids import RoomId
from rooms.ports import Hint


class MemoryBus:
    """Never loses, doubles or reorders a hint, which nobody may rely on."""

    def __init__(self) -> None:
        self._receivers = Receivers()

    async def start(self) -> None:
        """Nothing to reach."""

    async def close(self) -> None:
        """Nothing to leave."""

    def publish(self, hint: Hint) -> None:
        self._receivers.tell(hint)

    def subscribe(self, receive: Callable[[Hint], None], on_gap: Callable[[], None]) -> Callable[[], None]:
        return self._receivers.add(receive, on_gap)

    def follow(self, room: RoomId) -> None:
        """Everything is heard anyway."""

    def forget(self, room: RoomId) -> None:
        """As `follow`."""

    @property
    def healthy(self) -> bool:
        return True
