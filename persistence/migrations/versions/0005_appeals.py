"""Decisions can be appealed against, each once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("room_id", sa.String(26), sa.ForeignKey("room.id")),
        sa.Column("post_id", sa.String(26), sa.ForeignKey("post.id")),
        sa.Column("version", sa.Integer()),
        sa.Column("sanction_id", sa.String(26), sa.ForeignKey("sanction.id")),
        sa.Column("author_id", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("against", sa.String(40)),
        sa.Column("reason", sa.String(32)),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("note", sa.Text()),
        sa.UniqueConstraint("subject"),
        sa.CheckConstraint("state IN ('open','upheld','reversed')", name="state"),
    )
    op.create_index("ix_appeal_author", "appeal", ["author_id", "id"])
    op.create_index("ix_appeal_post", "appeal", ["post_id"])
    op.create_index("ix_appeal_room", "appeal", ["room_id"])
    unanswered = sa.text("state = 'open'")
    op.create_index("ix_appeal_open", "appeal", ["id"], postgresql_where=unanswered, sqlite_where=unanswered)


def downgrade() -> None:
    op.drop_table("appeal")
