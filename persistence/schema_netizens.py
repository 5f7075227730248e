"""Tables of netizens who come back: vouchers of the city, codes to look posts up with. As `persistence/schema.py`."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from persistence.schema import ID, TIME, USER, metadata

HASH = String(64)

# An assertion of the city's portal that was taken: it counts once. Rows go some time after it has run out.
voucher = Table(
    "voucher",
    metadata,
    Column("mark", HASH, primary_key=True),
    Column("person_id", USER, nullable=False),
    Column("name", String(80), nullable=False),
    Column("room_id", ID),
    Column("expires_at", TIME, nullable=False),
    Column("code_hash", HASH, unique=True),  # until the code is used
    Column("state_hash", HASH),
    Column("code_until", TIME, nullable=False),
    Index("ix_voucher_expires_at", "expires_at"),
)

# What a guest may look up its posts with after losing the cookie: one code each, never the code itself.
lookup = Table(
    "lookup",
    metadata,
    Column("user_id", USER, primary_key=True),
    Column("code_hash", HASH, nullable=False, unique=True),
    Column("created_at", TIME, nullable=False),
    Index("ix_lookup_created_at", "created_at"),
)
