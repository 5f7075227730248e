"""The first tables: departments, accounts, rooms, posts, the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("action", sa.String(length=48), nullable=False),
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "at"], unique=False)
    op.create_table(
        "cursor",
        sa.Column("consumer", sa.String(length=32), nullable=False),
        sa.Column("stream_id", sa.String(length=26), nullable=False),
        sa.Column("lane", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "stream_id", "lane", name=op.f("pk_cursor")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("mark", sa.String(length=4), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
    )
    op.create_table(
        "deployment",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_deployment")),
    )
    op.create_table(
        "event",
        sa.Column("stream_id", sa.String(length=26), nullable=False),
        sa.Column("lane", sa.String(length=8), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "lane", "seq", name=op.f("pk_event")),
    )
    op.create_index("ix_event_ref", "event", ["ref"], unique=False)
    op.create_table(
        "lane",
        sa.Column("stream_id", sa.String(length=26), nullable=False),
        sa.Column("lane", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.String(length=16), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "lane", name=op.f("pk_lane")),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("frozen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("state IN ('scheduled','live','paused','closed')", name=op.f("ck_room_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("code", name=op.f("uq_room_code")),
    )
    op.create_index("ix_room_state_id", "room", ["state", "id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_account_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "invitation",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_invitation_department_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_invitation_room_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_invitation")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invitation_secret_hash")),
    )
    op.create_index(op.f("ix_invitation_room_id"), "invitation", ["room_id"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("room_id", sa.String(length=26), nullable=True),
        sa.Column("asker_id", sa.String(length=40), nullable=False),
        sa.Column("lead_department_id", sa.String(length=32), nullable=True),
        sa.Column("type", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("merged_into", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lead_department_id"], ["department.id"], name=op.f("fk_question_lead_department_id")),
        sa.ForeignKeyConstraint(["merged_into"], ["question.id"], name=op.f("fk_question_merged_into")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_question_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("room_id", "number", name=op.f("uq_question_room_id_number")),
    )
    op.create_table(
        "room_department",
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_room_department_department_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_department_room_id")),
        sa.PrimaryKeyConstraint("room_id", "department_id", name=op.f("pk_room_department")),
    )
    op.create_table(
        "sanction",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("room_id", sa.String(length=26), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rule", sa.SmallInteger(), nullable=True),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_sanction_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction")),
    )
    op.create_index("ix_sanction_user_until", "sanction", ["user_id", "until"], unique=False)
    op.create_table(
        "post",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("question_id", sa.String(length=26), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("author_id", sa.String(length=40), nullable=False),
        sa.Column("author_name", sa.String(length=80), nullable=False),
        sa.Column("author_role", sa.String(length=16), nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=True),
        sa.Column("cid", sa.String(length=64), nullable=False),
        sa.Column("reply_to", sa.String(length=26), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shown_version", sa.Integer(), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("waiting_since", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("hidden", sa.String(length=32), nullable=True),
        sa.Column("hidden_seq", sa.BigInteger(), nullable=True),
        sa.Column("pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pin_seq", sa.BigInteger(), nullable=True),
        sa.Column("staged", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("stage_seq", sa.BigInteger(), nullable=True),
        sa.Column("lease_by", sa.String(length=40), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("up", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("down", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('pending','published','rejected','withdrawn')", name=op.f("ck_post_state")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_post_department_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_post_question_id")),
        sa.ForeignKeyConstraint(["reply_to"], ["post.id"], name=op.f("fk_post_reply_to")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_post_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("room_id", "author_id", "cid", name=op.f("uq_post_room_id_author_id_cid")),
    )
    op.create_index(op.f("ix_post_question_id"), "post", ["question_id"], unique=False)
    op.create_index(op.f("ix_post_reply_to"), "post", ["reply_to"], unique=False)
    op.create_index("ix_post_room_author", "post", ["room_id", "author_id", "id"], unique=False)
    op.create_index(
        "ix_post_room_marked",
        "post",
        ["room_id"],
        unique=False,
        postgresql_where=sa.text("pinned OR staged"),
        sqlite_where=sa.text("pinned OR staged"),
    )
    op.create_index(
        "ix_post_room_roots",
        "post",
        ["room_id", "seq"],
        unique=False,
        postgresql_where=sa.text("reply_to IS NULL"),
        sqlite_where=sa.text("reply_to IS NULL"),
    )
    op.create_index(
        "ix_post_room_waiting",
        "post",
        ["room_id", "waiting_since", "id"],
        unique=False,
        postgresql_where=sa.text("waiting"),
        sqlite_where=sa.text("waiting"),
    )
    op.create_index(
        "ix_post_waiting",
        "post",
        ["waiting_since", "id"],
        unique=False,
        postgresql_where=sa.text("waiting"),
        sqlite_where=sa.text("waiting"),
    )
    op.create_table(
        "seat",
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("department_id", sa.String(length=32), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_seat_account_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_seat_department_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_seat_room_id")),
        sa.PrimaryKeyConstraint("room_id", "account_id", name=op.f("pk_seat")),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
    op.create_table(
        "post_version",
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_version_post_id")),
        sa.PrimaryKeyConstraint("post_id", "version", name=op.f("pk_post_version")),
    )
    op.create_table(
        "ruling",
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ruling", sa.String(length=8), nullable=False),
        sa.Column("moderator_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_ruling_post_id")),
        sa.PrimaryKeyConstraint("post_id", "version", name=op.f("pk_ruling")),
    )
    op.create_index("ix_ruling_at", "ruling", ["at", "post_id"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("ticket_hash", sa.String(length=64), nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_hash"], ["session.token_hash"], name=op.f("fk_ticket_session_hash"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_ticket")),
    )
    op.create_table(
        "vote",
        sa.Column("post_id", sa.String(length=26), nullable=False),
        sa.Column("voter_id", sa.String(length=40), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_vote_post_id")),
        sa.PrimaryKeyConstraint("post_id", "voter_id", name=op.f("pk_vote")),
    )


def downgrade() -> None:
    op.drop_table("vote")
    op.drop_table("ticket")
    op.drop_table("ruling")
    op.drop_table("post_version")
    op.drop_table("session")
    op.drop_table("seat")
    op.drop_table("post")
    op.drop_table("sanction")
    op.drop_table("room_department")
    op.drop_table("question")
    op.drop_table("invitation")
    op.drop_table("account")
    op.drop_table("room")
    op.drop_table("lane")
    op.drop_table("event")
    op.drop_table("deployment")
    op.drop_table("department")
    op.drop_table("cursor")
    op.drop_table("audit")
