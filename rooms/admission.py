"""Who may post when: contract §2 as one table, and the checks that come after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from kernel.ids import RoomId, SourceKey, UserId
from kernel.permissions import Role
from kernel.refusals import Refusal
from rooms.model import Post, PostKind, PostState, Room, RoomState
from rooms.sanctions import SanctionEntry, SanctionKind, Via
from rooms.working_set import WorkingSet

# Past this many waiting posts a moderator's word would come too late to matter: better to say so at once.
WAITING_MAX = 5_000

_STAFF_MAY: Mapping[RoomState, frozenset[PostKind]] = MappingProxyType(
    {
        RoomState.SCHEDULED: frozenset({PostKind.NOTE, PostKind.NOTICE}),
        RoomState.LIVE: frozenset(PostKind),
        RoomState.PAUSED: frozenset(PostKind),
        RoomState.CLOSED: frozenset({PostKind.NOTE, PostKind.REPLY}),
    }
)


def require_shape(kind: PostKind, reply_to: object | None) -> None:
    """A question starts a thread, a reply answers something."""
    if (kind is PostKind.QUESTION and reply_to is not None) or (kind is PostKind.REPLY and reply_to is None):
        raise Refusal("bad_frame", field="reply_to")


_REFUSED_AS: Mapping[SanctionKind, str] = MappingProxyType(
    {SanctionKind.BAN: "banned", SanctionKind.SUSPEND: "suspended", SanctionKind.MUTE: "muted"}
)


_STOPPED_AS: Mapping[Via, str] = MappingProxyType({Via.DEVICE: "device_stopped", Via.ADDRESS: "address_stopped"})


def require_unmuted(ws: WorkingSet, room: Room, user: UserId, sources: Collection[SourceKey] = ()) -> None:
    """Whoever may not post here, by any step of the ladder that forbids it; the strongest is said."""
    _require_none(_in_force(ws, user, sources, room.id))


def require_taking_part(ws: WorkingSet, room: Room, user: UserId, sources: Collection[SourceKey] = ()) -> None:
    """For votes and reports: a mute only takes the word."""
    _require_none([one for one in _in_force(ws, user, sources, room.id) if one.kind is not SanctionKind.MUTE])


def _require_none(found: list[SanctionEntry]) -> None:
    """What somebody did themselves is said before what the place they write from did."""
    own = {one.kind for one in found if one.via is Via.ACCOUNT}
    for kind, code in _REFUSED_AS.items():
        if kind in own:
            raise Refusal(code)
    theirs = {one.via for one in found}
    for via, code in _STOPPED_AS.items():
        if via in theirs:
            raise Refusal(code)


def _in_force(ws: WorkingSet, user: UserId, sources: Collection[SourceKey], room: RoomId) -> list[SanctionEntry]:
    return [
        one for one in ws.sanctions if one.room in (None, room) and one.touches(user, sources) and one.in_force(ws.now)
    ]


def require_open(room: Room, role: Role, kind: PostKind, *, own_thread: bool) -> None:
    """The table itself."""
    if role is not Role.NETIZEN:
        if kind not in _STAFF_MAY[room.state]:
            raise Refusal("room_closed" if room.state is RoomState.CLOSED else "room_paused")
    elif room.state is RoomState.SCHEDULED:
        if not (room.policy.before and kind is PostKind.QUESTION):
            raise Refusal("room_paused")
    elif room.state is RoomState.PAUSED:
        raise Refusal("room_paused")
    elif room.state is RoomState.CLOSED and not (room.policy.after and own_thread):
        raise Refusal("room_closed")


def require_open_for_revision(room: Room, role: Role) -> None:
    """Staff correct at any time; a netizen while the room takes anything from netizens."""
    if role is not Role.NETIZEN:
        return
    if room.state is RoomState.PAUSED:
        raise Refusal("room_paused")
    if room.state is RoomState.CLOSED and not room.policy.after:
        raise Refusal("room_closed")


def require_pace(ws: WorkingSet, room: Room, user: UserId, at: int) -> None:
    """`slow_ms`: the least time between two posts of one netizen."""
    last = ws.last_posts.get((room.id, user))
    if room.policy.slow_ms and last is not None and at - last < room.policy.slow_ms:
        raise Refusal("slow_mode", retry_ms=room.policy.slow_ms - (at - last))


def require_space(ws: WorkingSet, room: Room, verdict: PostState) -> None:
    if verdict is PostState.PENDING and ws.room(room.id).waiting >= WAITING_MAX:
        raise Refusal("queue_full")


def parent_of(ws: WorkingSet, room: Room, kind: PostKind, reply_to: Post | None) -> Post:
    """The post replied to: shown, in the same room, and no note unless the answer is one too."""
    shown = reply_to is not None and reply_to.state is PostState.PUBLISHED and reply_to.hidden is None
    if reply_to is None or not shown or reply_to.room != room.id:
        raise Refusal("no_post")
    if reply_to.kind is PostKind.NOTE and kind is not PostKind.NOTE:
        raise Refusal("no_post")
    return reply_to
