"""The tables of who watches the desk from outside. As `persistence/schema.py`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table

from persistence.schema import TIME, metadata

alarm = Table(
    "alarm",
    metadata,
    Column("alarm", String(16), primary_key=True),
    Column("raised", Boolean, nullable=False),
    Column("since", TIME, nullable=False),
    Column("told", Boolean, nullable=False),  # or need not be, or could not be
    Column("tries", Integer, nullable=False),
    Column("next_at", TIME, nullable=False),  # until then it is in the hands of who tried last
)
