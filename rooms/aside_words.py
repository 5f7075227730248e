"""How what is told and not stored is said between nodes, and how it is read there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernel.ids import PostId
from rooms.desk import Doing, Draft, Present


def said_of(present: Present) -> dict[str, Any]:
    return {**present.to_wire(), "thread": present.thread, "heard": present.heard}


def said_of_draft(draft: Draft) -> dict[str, Any]:
    return {"k": "draft", **draft.to_wire(), "team": draft.team}


def present_in(said: Mapping[str, Any], late: int) -> Present:
    """`late`: by how many milliseconds the clock here is ahead of the clock of who said it."""
    return Present(
        said["conn"],
        said["name"],
        said["dept"],
        said["post"],
        said["thread"],
        Doing(said["doing"]),
        said["since"] + late,
        said["heard"] + late,
    )


def draft_in(said: Mapping[str, Any]) -> Draft:
    by = said["by"]
    post = PostId(said["post"])
    return Draft(post, said["team"], said["conn"], by["name"], by.get("dept"), said["body"], said["ver"], said["at"])
