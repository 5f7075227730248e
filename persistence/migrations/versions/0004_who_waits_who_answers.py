"""How many posts of a room wait is kept and not counted; the index of answers holds answers only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("room", sa.Column("waiting", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.execute("UPDATE room SET waiting = (SELECT count(*) FROM post WHERE post.waiting AND post.room_id = room.id)")
    op.drop_index("ix_post_reply_to", "post")
    answers = sa.text("reply_to IS NOT NULL")
    op.create_index("ix_post_reply_to", "post", ["reply_to"], postgresql_where=answers, sqlite_where=answers)


def downgrade() -> None:
    op.drop_index("ix_post_reply_to", "post")
    op.create_index("ix_post_reply_to", "post", ["reply_to"])
    op.drop_column("room", "waiting")
