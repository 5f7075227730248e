"""The tables of what comes after a decision or a publication: appeals, reports, proposals; and of where guests write.

As `persistence/schema.py`.
"""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from persistence.schema import ID, TIME, USER, metadata

appeal = Table(
    "appeal",
    metadata,
    Column("id", ID, primary_key=True),
    # The decision appealed against, `what:id:number`: by the key it can be appealed once.
    Column("subject", String(64), nullable=False, unique=True),
    Column("what", String(12), nullable=False),
    Column("room_id", ForeignKey("room.id")),
    Column("post_id", ForeignKey("post.id")),
    Column("version", Integer),
    Column("sanction_id", ForeignKey("sanction.id")),
    Column("author_id", USER, nullable=False),
    Column("body", Text, nullable=False),
    Column("against", USER),  # who took the decision, where a person did
    Column("reason", String(32)),
    Column("state", String(12), nullable=False),
    Column("at", TIME, nullable=False),
    Column("decided_by", USER),
    Column("decided_at", TIME),
    Column("note", Text),
    CheckConstraint("state IN ('open','upheld','reversed')", name="state"),
    Index("ix_appeal_author", "author_id", "id"),
    Index("ix_appeal_post", "post_id"),
    Index("ix_appeal_room", "room_id"),
    Index("ix_appeal_open", "id", postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'")),
)

report_case = Table(
    "report_case",
    metadata,
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("room_id", ForeignKey("room.id"), nullable=False),
    Column("state", String(12), nullable=False),
    Column("opened_at", TIME, nullable=False),
    Column("reports", Integer, nullable=False),
    # How many there were when it was last dismissed, and of which reasons.
    Column("settled", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("decided_by", USER),
    Column("decided_at", TIME),
    Column("note", Text),
    CheckConstraint("state IN ('open','dismissed','redacted')", name="state"),
    Index("ix_report_case_room", "room_id"),
    Index("ix_report_case_state", "state", "opened_at", "post_id"),
)

hiding_proposal = Table(
    "hiding_proposal",
    metadata,
    # The newest of each post: at most one is open.
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("room_id", ForeignKey("room.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("by", USER, nullable=False),
    Column("by_name", String(80), nullable=False),
    Column("by_role", String(16), nullable=False),
    Column("at", TIME, nullable=False),
    Column("until", TIME, nullable=False),
    Column("state", String(12), nullable=False),
    Column("decided_by", USER),
    Column("decided_at", TIME),
    Column("note", Text),
    CheckConstraint("state IN ('open','confirmed','declined','withdrawn','expired','stale')", name="state"),
    Index("ix_hiding_proposal_state", "state", "at", "post_id"),
)

report = Table(
    "report",
    metadata,
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("reporter_id", USER, primary_key=True),
    Column("reason", String(32), nullable=False),
    Column("note", Text),
    Column("at", TIME, nullable=False),
    Index("ix_report_reporter", "reporter_id", "at"),
)

seal = Table(
    "seal",
    metadata,
    Column("room_id", ForeignKey("room.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("post_id", ForeignKey("post.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("why", String(12), nullable=False),
    Column("by", USER),  # None: the phases
    Column("reason", Text),
    # SHA-256 of salt and text: with both erased, the seal stays and says nothing of them.
    Column("digest", LargeBinary, nullable=False),
    Column("at", TIME, nullable=False),
    Column("chain", LargeBinary, nullable=False),  # over the entry and the one before it
    Index("ix_seal_post", "post_id"),
    Index("ix_seal_at", "at"),
)

# From where guests wrote, as keyed digests, for a bounded time: see `moderation/sightings.py`.
sighting = Table(
    "sighting",
    metadata,
    Column("source", USER, primary_key=True),
    Column("user_id", USER, primary_key=True),
    Column("via", String(8), nullable=False),
    Column("at", TIME, nullable=False),  # the last time, to the hour
    Index("ix_sighting_user", "user_id"),
    Index("ix_sighting_via_at", "via", "at"),
)
