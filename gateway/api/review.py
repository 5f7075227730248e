"""The moderators' calls: the queue, leases, rulings, sanctions."""

from __future__ import annotations

from gateway.api.posts import receipt_shown
from gateway.endpoints import Call
from gateway.schemas import (
    AuthorHistory,
    AuthorQuery,
    CityQueueQuery,
    Decision,
    Items,
    Lease,
    Leased,
    Masking,
    PullRequest,
    QueueQuery,
    Receipt,
    Versioned,
)
from gateway.schemas_redress import (
    Asked,
    AskedPage,
    Asking,
    HistoryQuery,
    NeighboursShown,
    NewSanction,
    Sanctioned,
    SanctionQuery,
)
from kernel.ids import PostId, RoomId, UserId
from moderation import item_history
from moderation.commands import Ruling, WaitingPost
from rooms.sanctions import SanctionKind, Via


async def list_queue(call: Call, room: str, query: QueueQuery) -> Items:
    """One room's queue, without taking anything from it."""
    return await _queue(call, RoomId(room), query)


async def list_city_queue(call: Call, query: CityQueueQuery) -> Items:
    """The queue of all rooms."""
    return await _queue(call, None if query.room is None else RoomId(query.room), query)


async def pull_posts(call: Call, body: PullRequest) -> Leased:
    """Leases waiting posts to the caller, most urgent first; or one, also from a colleague."""
    room = None if body.room is None else RoomId(body.room)
    one = None if body.post is None else PostId(body.post)
    pulled = await call.services.review.pull(call.actor, room, body.n, one, take_over=body.take_over)
    return Leased(posts=[waiting.to_wire() for waiting in pulled])


async def extend_lease(call: Call, post: str, body: Versioned) -> Lease:
    """Keeps a leased post a while longer."""
    return Lease(lease_until=await call.services.review.extend(call.actor, PostId(post), body.ver))


async def release_lease(call: Call, post: str, body: Versioned) -> None:
    """Gives a leased post back."""
    await call.services.review.release(call.actor, PostId(post), body.ver)


async def decide_post(call: Call, post: str, body: Decision) -> Receipt:
    """The ruling on one version of a post."""
    receipt = await call.services.review.decide(
        call.actor, PostId(post), body.ver, Ruling(body.verdict), body.reason, body.note
    )
    return receipt_shown(receipt)


async def mask_post(call: Call, post: str, body: Masking) -> Receipt:
    """Publishes a text with stretches of it covered; nothing else about it is changed."""
    spans = [(start, end) for start, end in body.spans]
    return receipt_shown(await call.services.review.mask(call.actor, PostId(post), body.ver, spans, body.note))


async def reopen_post(call: Call, post: str, body: Versioned) -> Leased:
    """Takes the caller's own rejection back; the post waits again, leased to the caller."""
    reopened = await call.services.review.reopen(call.actor, PostId(post), body.ver)
    return Leased(posts=[waiting.to_wire() for waiting in reopened])


async def read_author(call: Call, author: str, query: AuthorQuery) -> AuthorHistory:
    """What an author did so far: counts, the newest posts, sanctions."""
    room = None if query.room is None else RoomId(query.room)
    return AuthorHistory.model_validate(await call.services.review.history(call.actor, UserId(author), room))


async def read_item(call: Call, post: str, query: HistoryQuery) -> Items:
    """What became of a post, newest first: its versions, what was decided about it, by whom and why."""
    items, after = await item_history.read(call.services.store, call.actor, PostId(post), query.cursor, query.limit)
    return Items(items=items, next=after)


async def count_neighbours(call: Call, author: str) -> NeighboursShown:
    """How many others a sanction by device or by address would touch."""
    found = await call.services.review.by_source.neighbours(call.actor, UserId(author))
    return NeighboursShown(device=found.device, address=found.address, most=found.most)


async def ask_desk(call: Call, post: str, body: Asking) -> Asked:
    """A note for the desk that points to a post; its text goes nowhere."""
    receipt = await call.services.review.asking.ask(call.actor, PostId(post), body.cid, body.body)
    return Asked(note=receipt.post, seq=receipt.seq)


async def list_asked(call: Call, post: str) -> AskedPage:
    """What was asked backstage about a post, and what was answered."""
    found = await call.services.review.asking.asked(call.actor, PostId(post))
    return AskedPage.model_validate({"items": found, "next": None})


async def create_sanction(call: Call, body: NewSanction) -> Sanctioned:
    """Warns, mutes, suspends or bans a user until a time; warnings and mutes in one room or everywhere."""
    room = None if body.room is None else RoomId(body.room)
    until = await call.services.review.sanction(
        call.actor,
        UserId(body.user),
        room,
        body.until,
        body.reason,
        body.rule,
        SanctionKind(body.kind),
        Via(body.by),
        body.others,
    )
    return Sanctioned(until=until)


async def acknowledge_sanction(call: Call, sanction: str) -> Sanctioned:
    """Whom a sanction is for has read it."""
    return Sanctioned(until=await call.services.review.acknowledge(call.actor, sanction))


async def lift_sanction(call: Call, query: SanctionQuery) -> None:
    """Ends a user's sanctions in a room, or the city-wide ones."""
    await call.services.review.unmute(
        call.actor, UserId(query.user), None if query.room is None else RoomId(query.room)
    )


async def _queue(call: Call, room: RoomId | None, query: QueueQuery) -> Items:
    wanted = None if query.state == "pending" else query.state
    posts, after = await call.services.review.queue(call.actor, room, wanted, query.cursor, query.limit)
    return Items(items=[_queued(post) for post in posts], next=after)


def _queued(post: WaitingPost) -> dict[str, object]:
    shown = {**post.to_wire(), "state": _standing(post), "claim": post.state}
    return shown if post.ruled is None else {**shown, "ruled": post.ruled.to_wire()}


def _standing(post: WaitingPost) -> str:
    """What waits is pending, a revision of a published post too; what is decided says what became of it."""
    return post.post_state.value if post.state == "decided" else "pending"
