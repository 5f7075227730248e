"""What the review desk's alarms stand at, and whether somebody was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("alarm", sa.String(length=16), nullable=False),
        sa.Column("raised", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alarm", name=op.f("pk_alarm")),
    )


def downgrade() -> None:
    op.drop_table("alarm")
