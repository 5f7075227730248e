"""At the desk: who is there and doing what, and drafts read along by colleagues. Nothing of it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.wire import DraftFrame, PresenceFrame
from kernel.ids import PostId, RoomId
from kernel.permissions import Action, require
from kernel.refusals import Refusal
from rooms.asides import at_desk
from rooms.desk import Doing, Draft, Present, team_of

if TYPE_CHECKING:
    from gateway.live.peer import LivePeer
    from gateway.live.session import Session


async def presence(peer: LivePeer, frame: PresenceFrame) -> dict[str, object]:
    session, room = peer.session, RoomId(frame.room)
    await _at_desk(session, room, Action.PRESENCE_TELL)
    post = PostId(frame.post) if frame.post is not None else None
    await _be(session, room, post, Doing(frame.doing))
    return {}


async def draft(peer: LivePeer, frame: DraftFrame) -> dict[str, object]:
    """Whoever drafts is writing; whoever has cleared a draft is only reading."""
    session, room, post = peer.session, RoomId(frame.room), PostId(frame.post)
    await _at_desk(session, room, Action.DRAFT_SHARE)
    actor = session.actor
    team = team_of(actor)
    if team is None:
        raise Refusal("forbidden")
    await _be(session, room, post, Doing.WRITING if frame.body else Doing.READING)
    at = session.live.clock.now_ms()
    shared = Draft(post, team, session.conn, actor.name, actor.department, frame.body, frame.ver, at)
    session.live.hub.asides.draft(room, shared)
    return {}


async def _at_desk(session: Session, room: RoomId, action: Action) -> None:
    """Only who follows the desk lane of the room, and still may: what is told here ends when they leave."""
    hosted = session.live.hub.hosted.get(room)
    if hosted is None or session.asides is None or not at_desk(session.listener, room):
        raise Refusal("forbidden")
    shown = await session.live.directory.get(hosted)
    require(session.actor, action, parties=shown.parties)
    if retry_ms := session.asides.take(session.live.scheduler.now()):
        raise Refusal("rate", retry_ms=retry_ms)


async def _be(session: Session, room: RoomId, post: PostId | None, doing: Doing) -> None:
    live, actor = session.live, session.actor
    thread = None if post is None else await _thread(session, room, post)
    # It may have left while the store was asked; nobody would ever take it away again.
    if session.closing or not at_desk(session.listener, room):
        raise Refusal("forbidden")
    now = live.clock.now_ms()
    live.hub.asides.come(room, Present(session.conn, actor.name, actor.department, post, thread, doing, now, now))


async def _thread(session: Session, room: RoomId, post: PostId) -> PostId:
    """What a public post of the room belongs to; of any other it is not even told that there is one."""
    hosted = session.live.hub.hosted.get(room)
    known = None if hosted is None else hosted.desk.present(session.conn)
    if known is not None and known.post == post and known.thread is not None:
        return known.thread
    found = await session.live.store.thread_of(post)
    if found is None or found[0] != room:
        raise Refusal("no_post")
    return found[1]
