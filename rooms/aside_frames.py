"""The frames by which those in a room are told what is stored nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kernel.ids import RoomId
from rooms.desk import Desk, Draft

Told = Mapping[str, object]


def desk_frame(room: RoomId, desk: Desk) -> Told:
    return {"t": "presence", "r": room, "l": "desk", "x": desk.everybody()}


def public_frame(room: RoomId, desk: Desk) -> Told:
    return {"t": "presence", "r": room, "l": "pub", "x": desk.writing()}


def draft_frame(room: RoomId, draft: Draft) -> Told:
    return {"t": "draft", "r": room, **draft.to_wire()}


def claims_frame(room: RoomId, claims: list[Mapping[str, Any]]) -> Told:
    return {"t": "claims", "r": room, "x": claims}
