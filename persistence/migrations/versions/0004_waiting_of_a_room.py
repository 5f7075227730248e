"""How many posts of a room wait is kept, not counted: with thousands waiting, counting was most of what a post cost."""

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


def downgrade() -> None:
    op.drop_column("room", "waiting")
