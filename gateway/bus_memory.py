"""The bus of a single process: a hint reaches its subscribers at once, on the same loop."""

from __future__ import annotations

import logging
from collections.abc import Callable

from rooms.ports import Hint

_log = logging.getLogger(__name__)


class MemoryBus:
    """Never loses, doubles or reorders a hint, which nobody may rely on."""

    def __init__(self) -> None:
        self._receivers: list[Callable[[Hint], None]] = []

    def publish(self, hint: Hint) -> None:
        for receive in tuple(self._receivers):
            try:
                receive(hint)
            except Exception:
                # The commit this hint tells of is done; a listener's fault must not look like the commit's.
                _log.exception("a receiver of hints failed")

    def subscribe(self, receive: Callable[[Hint], None]) -> Callable[[], None]:
        self._receivers.append(receive)

        def unsubscribe() -> None:
            if receive in self._receivers:
                self._receivers.remove(receive)

        return unsubscribe

    @property
    def healthy(self) -> bool:
        return True
