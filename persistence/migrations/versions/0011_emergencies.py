"""What an emergency closes in a room, and when that ends by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("room", sa.Column("held", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("room", sa.Column("verified", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("room", sa.Column("emergency_until", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("room", "emergency_until")
    op.drop_column("room", "verified")
    op.drop_column("room", "held")
