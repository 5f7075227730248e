"""Everything that can be asked of a room beside posting into it: checked, permitted, committed, answered."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol, TypeVar

from kernel.clock import Clock
from kernel.ids import DepartmentId, IdSource, PostId, RoomId, UserId, spoken_code
from kernel.permissions import Action, Actor, Role, permits, require, require_somewhere
from kernel.refusals import Refusal
from rooms.commands import (
    ChangeState,
    CreateRoom,
    Done,
    Invite,
    Invited,
    Pin,
    Proposed,
    Redact,
    Restore,
    RoomChanged,
    RoomCommand,
    SetRoom,
    Stage,
    TakeSeat,
    Vote,
    Voted,
)
from rooms.decide_rooms import changed_policy
from rooms.inputs import (
    departments_of,
    flag_of,
    lead_of,
    policy_changes,
    policy_of,
    reason_of,
    starts_at_of,
    summary_of,
    title_of,
    vote_of,
    why_of,
)
from rooms.loosening import loosened
from rooms.model import Lane, Room
from rooms.ports import RoomStore
from rooms.proposals import HIDING_MS

T = TypeVar("T")

VERBS = ("open", "pause", "resume", "close")
_ROOM_CODE_LENGTH = 6
_INVITATION_CODE_LENGTH = 8
_CODE_ATTEMPTS = 4
# Longer is no emergency, it is how a room is run.
EMERGENCY_MAX_MS = 86_400_000
_INVITATION_MS = 7 * 86_400_000
_LANE_ACTIONS = {Lane.PUB: Action.LANE_PUB, Lane.DESK: Action.LANE_DESK, Lane.MOD: Action.LANE_MOD}
# What `perms` tells a client about one room: everything whose grant may depend on the room.
_IN_ROOM = tuple(
    action
    for action in Action
    if action.value.partition(".")[0] in {"lane", "post", "presence", "draft", "seat", "review", "sanction"}
    or action in {Action.ROOM_STEER, Action.ROOM_SET, Action.ROOM_TIGHTEN, Action.ROOM_FREEZE, Action.ROOM_INVITE}
)


class CommittingRoomStore(RoomStore, Protocol):
    """Reads of rooms, and the one door for writes."""

    async def commit(self, command: RoomCommand) -> object: ...


class Rooms:
    """The commands of a room. Each raises `Refusal`; each answer follows a durable commit."""

    def __init__(self, store: CommittingRoomStore, clock: Clock, ids: IdSource, *, hiding_ms: int = HIDING_MS) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._hiding_ms = hiding_ms

    # --- the room itself --------------------------------------------------------------------------------------------

    async def create(
        self,
        actor: Actor,
        *,
        title: str,
        summary: str = "",
        departments: Sequence[str],
        lead: str | None = None,
        starts_at: int | None = None,
        open: bool = False,  # noqa: A002  # the contract's word
        policy: Mapping[str, object] | None = None,
    ) -> Room:
        require(actor, Action.ROOM_CREATE)
        if actor.id is None:
            raise Refusal("unauthenticated")
        now = self._clock.now_ms()
        asked = departments_of(departments)
        command = CreateRoom(
            id=RoomId(self._ids()),
            code="",
            title=title_of(title),
            summary=summary_of(summary),
            departments=asked,
            lead=lead_of(lead, asked),
            starts_at=starts_at_of(starts_at, now),
            open=flag_of(open, "open"),
            policy=policy_of({} if policy is None else policy),
            by=actor.id,
            at=now,
        )
        return await self.get((await self._commit_coded(command, RoomChanged, _ROOM_CODE_LENGTH)).room)

    async def change(self, actor: Actor, room: RoomId, verb: str) -> Room:
        """Opens, pauses, resumes or closes; `bad_state` where the room cannot."""
        if verb not in VERBS:
            raise Refusal("bad_request", field="verb")
        await self._require(actor, Action.ROOM_STEER, room)
        return await self._changed(ChangeState(room, verb, actor, self._clock.now_ms()))

    async def set(
        self,
        actor: Actor,
        room: RoomId,
        policy: Mapping[str, object],
        freeze: bool | None,
        *,
        hold: bool | None = None,
        verified: bool | None = None,
        until: int | None = None,
        why: str = "",
    ) -> int:
        """Changes the given policy fields, or what an emergency closes; the seq of the event on `pub`.

        Who may only tighten is refused, `forbidden`, what lets more through; under the room's lock once more.
        `why` is for the audit and for staff: at most 200 characters, or none.
        `until`: when a freeze, a hold and `verified` end by themselves, at most a day from now; 0: they do not.
        """
        changes = policy_changes(policy)
        switched = [value for value in (freeze, hold, verified, until) if value is not None]
        now = self._clock.now_ms()
        if until and not now < until <= now + EMERGENCY_MAX_MS:
            raise Refusal("bad_request", field="until")
        if not changes and not switched:
            raise Refusal("bad_request", field="set")
        if changes:
            require_somewhere(actor, Action.ROOM_TIGHTEN)
            found = await self.get(room)
            looser = loosened(found.policy, changed_policy(found.policy, changes))
            require(actor, Action.ROOM_SET if looser else Action.ROOM_TIGHTEN, parties=found.parties)
        if switched:
            await self._require(actor, Action.ROOM_FREEZE, room)
        said = why_of(why)
        command = SetRoom(room, changes, freeze, actor, now, hold=hold, verified=verified, until=until, why=said)
        return (await self._commit(command, RoomChanged)).seq

    async def get(self, room: RoomId) -> Room:
        found = await self._store.room(room)
        if found is None:
            raise Refusal("no_room")
        return found

    # --- departments and seats --------------------------------------------------------------------------------------

    async def invite(self, actor: Actor, room: RoomId, department: DepartmentId) -> tuple[str, str]:
        """The short code and the secret of the link; only the secret's hash is kept."""
        await self._require(actor, Action.ROOM_INVITE, room)
        now = self._clock.now_ms()
        secret = secrets.token_urlsafe(24)
        (invited,) = departments_of([department])
        command = Invite(room, invited, "", _hash(secret), now + _INVITATION_MS, actor, now)
        return (await self._commit_coded(command, Invited, _INVITATION_CODE_LENGTH)).code, secret

    async def accept(self, actor: Actor, code: str) -> Room:
        """Takes the seat that a short code, or the secret of a link, invites to."""
        require(actor, Action.SEAT_TAKE)
        spoken = "".join(code.split()).replace("-", "").upper()
        return await self._changed(TakeSeat(spoken, _hash(code.strip()), actor, self._clock.now_ms()))

    # --- what the actor sees and may do -----------------------------------------------------------------------------

    def lanes(self, actor: Actor, room: Room) -> dict[Lane, bool]:
        """Which lanes of the room the actor may follow."""
        parties = room.parties
        return {lane: permits(actor, action, parties=parties) for lane, action in _LANE_ACTIONS.items()}

    def require_lane(self, actor: Actor, room: Room, lane: Lane) -> None:
        require(actor, _LANE_ACTIONS[lane], parties=room.parties)

    def perms(self, actor: Actor, room: Room) -> list[str]:
        """The names of the actions granted in this room; those on own posts count as granted."""
        answering = actor.department is not None and actor.department in room.parties
        return list(_perms(actor.role, answering, actor.id is not None))

    # --- posts that are already there -------------------------------------------------------------------------------

    async def redact(self, actor: Actor, post: PostId, reason: str, proposal: int | None = None) -> Done | Proposed:
        """Hides, or proposes it where two must agree; `proposal`: confirms that one and no other."""
        checked = reason_of(reason)
        await self._require_post(actor, Action.POST_REDACT, post)
        command = Redact(post, checked, actor, self._clock.now_ms(), proposal, self._hiding_ms)
        answer = await self._store.commit(command)
        if not isinstance(answer, Done | Proposed):
            raise TypeError(f"Redact was answered with {type(answer).__name__}")
        return answer

    async def restore(self, actor: Actor, post: PostId, reason: str) -> int:
        checked = reason_of(reason)
        await self._require_post(actor, Action.POST_RESTORE, post)
        return (await self._commit(Restore(post, checked, actor, self._clock.now_ms()), Done)).seq

    async def pin(self, actor: Actor, post: PostId, on: bool) -> int:
        await self._require_post(actor, Action.POST_PIN, post)
        return (await self._commit(Pin(post, flag_of(on, "on"), actor, self._clock.now_ms()), Done)).seq

    async def stage(self, actor: Actor, post: PostId, on: bool) -> int:
        await self._require_post(actor, Action.POST_STAGE, post)
        return (await self._commit(Stage(post, flag_of(on, "on"), actor, self._clock.now_ms()), Done)).seq

    async def vote(self, actor: Actor, post: PostId, v: int) -> Voted:
        value = vote_of(v)
        await self._require_post(actor, Action.POST_VOTE, post)
        if actor.id is None:
            raise Refusal("unauthenticated")
        return await self._commit(Vote(post, actor.id, value, self._clock.now_ms(), actor.sources), Voted)

    # --- how --------------------------------------------------------------------------------------------------------

    async def _require(self, actor: Actor, action: Action, room: RoomId) -> None:
        require_somewhere(actor, action)
        require(actor, action, parties=(await self.get(room)).parties)

    async def _require_post(self, actor: Actor, action: Action, post: PostId) -> None:
        require_somewhere(actor, action)
        room = await self._store.post_room(post)
        if room is None:
            raise Refusal("no_post")
        await self._require(actor, action, room)

    async def _changed(self, command: RoomCommand) -> Room:
        return await self.get((await self._commit(command, RoomChanged)).room)

    async def _commit_coded(self, command: CreateRoom | Invite, outcome: type[T], length: int) -> T:
        """Commits with a fresh spoken code; a code already given to another is the only thing that can clash."""
        for _ in range(_CODE_ATTEMPTS):
            try:
                return await self._commit(replace(command, code=spoken_code(length)), outcome)
            except Refusal as refusal:
                if refusal.code.name != "conflict":
                    raise
        raise Refusal("internal")

    async def _commit(self, command: RoomCommand, outcome: type[T]) -> T:
        answer = await self._store.commit(command)
        if not isinstance(answer, outcome):
            raise TypeError(f"{type(command).__name__} was answered with {type(answer).__name__}")
        return answer


@lru_cache
def _perms(role: Role, answering: bool, named: bool) -> tuple[str, ...]:
    """No scope of the table asks for more than these three; every newcomer is told, and there may be thousands."""
    somebody, somewhere = UserId("somebody"), DepartmentId("somewhere")
    actor = Actor(somebody if named else None, "", role, somewhere if answering else None)
    parties = (somewhere,) if answering else ()
    return tuple(action.value for action in _IN_ROOM if permits(actor, action, parties=parties, author=actor.id))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
