"""One decision for each command of a room: pure, on a working set, with an outcome or a `Refusal`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from rooms import commands
from rooms.commands import RoomCommand, RoomOutcome
from rooms.decide_posts import revise, submit, withdraw
from rooms.decide_rooms import change_state, create, end_emergency, invite, set_room, take_seat
from rooms.decide_steering import pin, redact, restore, stage, vote
from rooms.working_set import WorkingSet

DECISIONS: Mapping[type[Any], Callable[[WorkingSet, Any], RoomOutcome]] = MappingProxyType(
    {
        commands.CreateRoom: create,
        commands.ChangeState: change_state,
        commands.SetRoom: set_room,
        commands.EndEmergency: end_emergency,
        commands.SubmitPost: submit,
        commands.RevisePost: revise,
        commands.WithdrawPost: withdraw,
        commands.Redact: redact,
        commands.Restore: restore,
        commands.Pin: pin,
        commands.Stage: stage,
        commands.Vote: vote,
        commands.Invite: invite,
        commands.TakeSeat: take_seat,
    }
)


def decide(ws: WorkingSet, command: RoomCommand) -> RoomOutcome:
    return DECISIONS[type(command)](ws, command)
