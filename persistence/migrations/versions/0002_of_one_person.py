"""What one person did, found by the person: their votes, and their posts in all rooms."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_index("ix_vote_voter", "vote", ["voter_id", "post_id"], unique=False)
    op.create_index("ix_post_author", "post", ["author_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_post_author", table_name="post")
    op.drop_index("ix_vote_voter", table_name="vote")
