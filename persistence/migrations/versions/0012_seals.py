"""What is refused, hidden, covered or merged away is put under seal, and so is every opening of one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "seal",
        sa.Column("room_id", sa.String(26), sa.ForeignKey("room.id"), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("post_id", sa.String(26), sa.ForeignKey("post.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(12), nullable=False),
        sa.Column("by", sa.String(40)),
        sa.Column("reason", sa.Text()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_seal_post", "seal", ["post_id"])
    op.create_index("ix_seal_at", "seal", ["at"])


def downgrade() -> None:
    op.drop_table("seal")
