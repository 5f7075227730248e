"""Sanctions by device and by address, and from where guests wrote lately."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("sanction", sa.Column("via", sa.String(8), server_default=sa.text("'account'"), nullable=False))
    op.add_column("sanction", sa.Column("subject", sa.String(40), server_default=sa.text("''"), nullable=False))
    op.execute("UPDATE sanction SET subject = user_id")
    op.create_index("ix_sanction_subject_until", "sanction", ["subject", "until"])
    op.create_table(
        "sighting",
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("via", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "user_id", name="pk_sighting"),
    )
    op.create_index("ix_sighting_user", "sighting", ["user_id"])
    op.create_index("ix_sighting_via_at", "sighting", ["via", "at"])


def downgrade() -> None:
    op.drop_table("sighting")
    op.drop_index("ix_sanction_subject_until", "sanction")
    # By the account alone the older version would take them for sanctions on the person.
    op.execute("DELETE FROM appeal WHERE sanction_id IN (SELECT id FROM sanction WHERE via <> 'account')")
    op.execute("DELETE FROM sanction WHERE via <> 'account'")
    for column in ("subject", "via"):
        op.drop_column("sanction", column)
