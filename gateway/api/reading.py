"""What a room has to show: threads, events by lane, one's own posts, the transcript."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.endpoints import Call
from gateway.schemas import Events, EventsQuery, Items, Mine, ThreadsQuery, TranscriptQuery
from gateway.schemas_redress import Ledger
from kernel.ids import RoomId
from kernel.refusals import Refusal
from rooms.model import Lane, Room

_MEDIA = {"csv": "text/csv; charset=utf-8", "md": "text/markdown; charset=utf-8"}


async def list_questions(call: Call, room: str, query: ThreadsQuery) -> Items:
    """Threads, newest first: each question with its replies and tallies."""
    found = await call.services.rooms.get(RoomId(room))
    items, after = await call.services.store.questions(found.id, query.before or query.cursor, query.limit)
    return Items(items=items, next=after)


async def list_events(call: Call, room: str, query: EventsQuery) -> Events:
    """The items of one lane in order, the same as on the socket."""
    services = call.services
    found = await services.rooms.get(RoomId(room))
    lane = Lane(query.lane)
    services.rooms.require_lane(call.actor, found, lane)
    events = await services.store.events(found.id, lane, query.after, query.limit)
    return Events(epoch=events.epoch, head=events.head, items=events.items)


async def list_my_posts(call: Call, room: str) -> Mine:
    """What concerns only the caller: own posts with their state and reasons, and whether one is muted."""
    found = await call.services.rooms.get(RoomId(room))
    if call.actor.id is None:
        raise Refusal("unauthenticated")
    mine = await call.services.store.my(found.id, call.actor.id, 200, call.actor.sources)
    return Mine.model_validate(mine)


async def get_transcript(call: Call, room: str, query: TranscriptQuery) -> Response:
    """The public transcript, redactions applied."""
    found = await call.services.rooms.get(RoomId(room))
    if query.format == "html":
        return await _page(call.request, found)
    transcript = await call.services.store.transcript(found.id)
    if query.format == "json":
        return Response(orjson.dumps(transcript), media_type="application/json")
    text = call.services.render_transcript(transcript, query.format)
    headers = {"content-disposition": f'attachment; filename="transcript-{found.code}.{query.format}"'}
    return Response(text, headers=headers, media_type=_MEDIA[query.format])


async def _page(request: Request, room: Room) -> Response:
    """The page itself where there is one, so that whoever asks needs to follow nothing."""
    page = getattr(request.app.state, "transcript_page", None)
    if page is None:
        return RedirectResponse(f"/rooms/{room.id}/transcript", 303)
    endpoint, parameter = page
    scope = {**request.scope, "path_params": {parameter: room.id}}
    answer: Response = await endpoint(Request(scope, request.receive))
    return answer


async def get_ledger(call: Call, room: str) -> Ledger:
    """How the room was moderated, in numbers that everybody may read; never a text, never a name."""
    if call.services.live.stale():
        raise Refusal("unavailable")
    found = await call.services.rooms.get(RoomId(room))
    return Ledger.model_validate({"room": found.id, **await call.services.ledger(found.id)})
