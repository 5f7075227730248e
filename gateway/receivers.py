"""Who is told of hints on this node; one that fails hurts neither the others nor the commit."""

from __future__ import annotations

import logging
from collections.abc import Callable

from rooms.ports import Hint

_log = logging.getLogger(__name__)


class Receivers:
    """Told in the order they came."""

    def __init__(self) -> None:
        self._known: list[tuple[Callable[[Hint], None], Callable[[], None]]] = []

    def add(self, receive: Callable[[Hint], None], on_gap: Callable[[], None]) -> Callable[[], None]:
        """Answers how to be told no more."""
        entry = (receive, on_gap)
        self._known.append(entry)

        def remove() -> None:
            if entry in self._known:
                self._known.remove(entry)

        return remove

    def tell(self, hint: Hint) -> None:
        for receive, _ in tuple(self._known):
            try:
                receive(hint)
            except Exception:
                # The commit this hint tells of is done; a listener's fault must not look like the commit's.
                _log.exception("a receiver of hints failed")

    def gap(self) -> None:
        for _, on_gap in tuple(self._known):
            try:
                on_gap()
            except Exception:
                _log.exception("a receiver of gaps failed")
