"""The two doors of moderation: `Posting` for those who write, `Review` for those who decide."""

from __future__ import annotations

from moderation.posting import Posting
from moderation.review import Review

__all__ = ["Posting", "Review"]
