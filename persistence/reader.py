"""What every group of reads stands on: a database to ask, and what may be asked at all."""

from __future__ import annotations

from kernel.clock import Clock, SystemClock
from persistence.database import Database

PAGE_MAX = 200
SEQ_MAX = 2**53  # contract §4


class Reader:
    """Base of the mixins that `Store` is composed of."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self.database = database
        self.clock = clock or SystemClock()


def storable(*texts: str) -> bool:
    """Whether the databases could hold these texts at all: no NUL, no lone surrogate.

    Ids and names in questions come from outside; what cannot be stored has not been, and is not worth an error.
    """
    return all("\x00" not in text and text == text.encode("utf-8", "ignore").decode() for text in texts)


def page(limit: int) -> int:
    """A page size within bounds."""
    return max(1, min(limit, PAGE_MAX))
