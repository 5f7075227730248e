"""The tables, one definition for both databases. Migrations in `persistence/migrations` must produce exactly this.

Plain tables hold state; `event` is the append-only log written in the same transaction. State is never rebuilt from
events to decide. Times are integer milliseconds, ids 26-character strings that sort by time.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(26)
USER = String(40)  # a staff account's id, or `g:` and a guest's
TIME = BigInteger

deployment = Table(
    "deployment",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

department = Table(
    "department",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("mark", String(4), nullable=False),
    Column("slot", SmallInteger, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", ID, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("role", String(16), nullable=False),
    Column("department_id", ForeignKey("department.id")),
    Column("password_hash", String(200), nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", TIME, nullable=False),
    Column("expires_at", TIME, nullable=False),
)

ticket = Table(
    "ticket",
    metadata,
    Column("ticket_hash", String(64), primary_key=True),
    Column("session_hash", ForeignKey("session.token_hash", ondelete="CASCADE"), nullable=False),
    Column("expires_at", TIME, nullable=False),
)

room = Table(
    "room",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", String(12), nullable=False, unique=True),
    Column("title", String(200), nullable=False),
    Column("summary", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("policy", JSON, nullable=False),
    Column("frozen", Boolean, nullable=False, server_default=text("false")),
    Column("held", Boolean, nullable=False, server_default=text("false")),  # everything waits for a moderator
    Column("verified", Boolean, nullable=False, server_default=text("false")),  # guests may not post
    Column("emergency_until", TIME),  # frozen, held and verified end then
    Column("created_by", USER, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("starts_at", TIME),
    Column("opened_at", TIME),
    Column("closed_at", TIME),
    # The last public number given to a question here; numbers are given when a question is published.
    Column("last_number", Integer, nullable=False, server_default=text("0")),
    # How many posts wait for a moderator. Who puts one before them or takes it away holds the room's lock.
    Column("waiting", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("state IN ('scheduled','live','paused','closed')", name="state"),
    Index("ix_room_state_id", "state", "id"),
)

room_department = Table(
    "room_department",
    metadata,
    Column("room_id", ForeignKey("room.id"), primary_key=True),
    Column("department_id", ForeignKey("department.id"), primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("lead", Boolean, nullable=False),
)

seat = Table(
    "seat",
    metadata,
    Column("room_id", ForeignKey("room.id"), primary_key=True),
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("department_id", ForeignKey("department.id"), nullable=False),
    Column("taken_at", TIME, nullable=False),
)

invitation = Table(
    "invitation",
    metadata,
    Column("code", String(12), primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("room_id", ForeignKey("room.id"), nullable=False, index=True),
    Column("department_id", ForeignKey("department.id"), nullable=False),
    Column("created_by", USER, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("expires_at", TIME, nullable=False),
)

question = Table(
    "question",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", Integer),
    Column("channel", String(16), nullable=False),
    Column("room_id", ForeignKey("room.id")),
    Column("asker_id", USER, nullable=False),
    Column("lead_department_id", ForeignKey("department.id")),
    Column("type", String(16)),  # 咨询 建议 诉求, once somebody has said which
    Column("state", String(16), nullable=False),  # received | asked | answered
    Column("merged_into", ForeignKey("question.id")),
    Column("askers", Integer, nullable=False, server_default=text("1")),  # its own and those merged into it
    Column("created_at", TIME, nullable=False),
    UniqueConstraint("room_id", "number"),
)

post = Table(
    "post",
    metadata,
    Column("id", ID, primary_key=True),
    Column("room_id", ForeignKey("room.id"), nullable=False),
    Column("question_id", ForeignKey("question.id"), index=True),
    Column("kind", String(12), nullable=False),
    Column("author_id", USER, nullable=False),
    Column("author_name", String(80), nullable=False),
    Column("author_role", String(16), nullable=False),
    Column("department_id", ForeignKey("department.id")),
    Column("cid", String(64), nullable=False),
    Column("reply_to", ForeignKey("post.id")),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("shown_version", Integer),
    Column("waiting", Boolean, nullable=False),
    Column("waiting_since", TIME, nullable=False),
    Column("seq", BigInteger),
    Column("hidden", String(32)),
    Column("hidden_seq", BigInteger),
    Column("pinned", Boolean, nullable=False, server_default=text("false")),
    Column("pin_seq", BigInteger),
    Column("staged", Boolean, nullable=False, server_default=text("false")),
    Column("stage_seq", BigInteger),
    Column("lease_by", USER),
    Column("lease_until", TIME, nullable=False, server_default=text("0")),
    Column("reasons", JSON, nullable=False),
    Column("up", Integer, nullable=False, server_default=text("0")),
    Column("down", Integer, nullable=False, server_default=text("0")),
    Column("created_at", TIME, nullable=False),
    CheckConstraint("state IN ('pending','published','rejected','withdrawn')", name="state"),
    # C6: one post per author and cid, for as long as the post exists.
    UniqueConstraint("room_id", "author_id", "cid"),
    # Without the many that answer nothing: an analysed SQLite would take their number for that of the answers to one.
    Index(
        "ix_post_reply_to",
        "reply_to",
        postgresql_where=text("reply_to IS NOT NULL"),
        sqlite_where=text("reply_to IS NOT NULL"),
    ),
    Index(
        "ix_post_room_roots",
        "room_id",
        "seq",
        postgresql_where=text("reply_to IS NULL"),
        sqlite_where=text("reply_to IS NULL"),
    ),
    Index("ix_post_waiting", "waiting_since", "id", postgresql_where=text("waiting"), sqlite_where=text("waiting")),
    Index(
        "ix_post_room_waiting",
        "room_id",
        "waiting_since",
        "id",
        postgresql_where=text("waiting"),
        sqlite_where=text("waiting"),
    ),
    Index("ix_post_room_author", "room_id", "author_id", "id"),
    Index("ix_post_author", "author_id", "id"),
    Index(
        "ix_post_room_marked",
        "room_id",
        postgresql_where=text("pinned OR staged"),
        sqlite_where=text("pinned OR staged"),
    ),
)

post_version = Table(
    "post_version",
    metadata,
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    # The digest of every event that published this text is salted with it: erasing text and salt ends the link.
    Column("salt", LargeBinary, nullable=False),
    Column("created_by", USER, nullable=False),
    Column("created_at", TIME, nullable=False),
)

lane = Table(
    "lane",
    metadata,
    Column("stream_id", ID, primary_key=True),  # a room's id; later a question's, or the city's
    Column("lane", String(8), primary_key=True),
    Column("epoch", String(16), nullable=False),
    Column("head_seq", BigInteger, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("stream_id", ID, primary_key=True),
    Column("lane", String(8), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(12), nullable=False),
    Column("ref", ID),  # the post, where there is one
    Column("version", Integer),  # the text it published, where it did
    Column("meta", JSON, nullable=False),  # what the item shows besides; never a body
    Column("digest", LargeBinary),  # SHA-256 of salt and text, where it published text
    Column("at", TIME, nullable=False),
    Index("ix_event_ref", "ref"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("consumer", String(32), primary_key=True),
    Column("stream_id", ID, primary_key=True),
    Column("lane", String(8), primary_key=True),
    Column("epoch", String(16), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("claim", ID),  # of whoever works there, new with each taking: the fence
    Column("beat", BigInteger, nullable=False, server_default=text("0")),  # counts whatever happens to the row
    Column("failures", Integer, nullable=False, server_default=text("0")),  # tries at the event after `seq`
)

ruling = Table(
    "ruling",
    metadata,
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    # C8: one verdict per version, by the key.
    Column("version", Integer, primary_key=True),
    Column("ruling", String(8), nullable=False),
    Column("moderator_id", USER, nullable=False),
    Column("reason", String(32)),
    Column("note", Text),
    Column("seq", BigInteger),
    Column("at", TIME, nullable=False),
    Index("ix_ruling_at", "at", "post_id"),
)

sanction = Table(
    "sanction",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", USER, nullable=False),
    Column("room_id", ForeignKey("room.id")),
    Column("until", TIME, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rule", SmallInteger),
    Column("created_by", USER, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("lifted_at", TIME),
    Column("kind", String(8), nullable=False, server_default=text("'mute'")),
    Column("acknowledged_at", TIME),
    Column("via", String(8), nullable=False, server_default=text("'account'")),
    # Whom it stops: the user, or the digest of a device or address; "" where that is over and forgotten.
    Column("subject", USER, nullable=False, server_default=text("''")),
    Index("ix_sanction_user_until", "user_id", "until"),
    Index("ix_sanction_subject_until", "subject", "until"),
)

# Who is on duty at the review desk; a row for each moderator who ever was.
shift = Table(
    "shift",
    metadata,
    Column("moderator_id", USER, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("state", String(8), nullable=False),  # on | rest | off
    Column("since", TIME, nullable=False),
    Column("until", TIME),
    Column("seen", TIME, nullable=False),
    Column("note", Text),  # for the next shift
    Column("note_at", TIME),
)

vote = Table(
    "vote",
    metadata,
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("voter_id", USER, primary_key=True),
    Column("value", SmallInteger, nullable=False),
    Column("at", TIME, nullable=False),
    Index("ix_vote_voter", "voter_id", "post_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", ID, primary_key=True),
    Column("action", String(48), nullable=False),  # domain:subject:action
    Column("actor_id", USER, nullable=False),
    Column("subject", String(64), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("at", TIME, nullable=False),
    Index("ix_audit_subject", "subject", "at"),
)

trust = Table(
    "trust",
    metadata,
    Column("user_id", USER, primary_key=True),
    Column("level", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", USER, nullable=False),
    Column("set_by_name", String(80), nullable=False),
    Column("set_at", TIME, nullable=False),
)

word_list = Table(
    "word_list",
    metadata,
    # "city", a room's id, or "" for the row that counts the changes of all of them.
    Column("scope", ID, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)

word_list_version = Table(
    "word_list_version",
    metadata,
    Column("scope", ID, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("created_by", USER, nullable=False),  # "": the settings' own file
    Column("created_by_name", String(80), nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("reason", Text, nullable=False),
    Column("terms", LargeBinary, nullable=False),  # CSV, deflated
    Column("exceptions", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("exception_count", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)

# Whoever asks for the tables gets all of them; these stand on names defined above.
from persistence import schema_netizens as schema_netizens  # noqa: E402, PLC0414
from persistence import schema_redress as schema_redress  # noqa: E402, PLC0414
from persistence import schema_watch as schema_watch  # noqa: E402, PLC0414
