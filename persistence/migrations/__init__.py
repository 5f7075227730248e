"""The schema's history, one file a step; `HEAD` is where a current database stands."""

from __future__ import annotations

HEAD = "0018"
