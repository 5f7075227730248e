"""What every group of reads stands on: a database to ask."""

from __future__ import annotations

from persistence.database import Database


class Reader:
    """Base of the mixins that `Store` is composed of."""

    def __init__(self, database: Database) -> None:
        self.database = database
