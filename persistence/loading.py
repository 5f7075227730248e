"""Fills a working set with what a batch needs, locking what it may change.

Locks are taken in one order by everybody — rooms, then posts, each by id, lanes last — so that batches wait for each
other and never in a circle. SQLite ignores the locks: there one batch runs at a time. On PostgreSQL each statement sees
what was committed before it began, so everything that depends on a locked row is read after its lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, text, tuple_

from kernel.ids import PostId, QuestionId, RoomId, UserId
from moderation.commands import Command
from persistence.bulk import among
from persistence.loading_people import load_people
from persistence.needs import Needs, needs_of
from persistence.room_rows import room_departments, room_of
from persistence.rows import post_of
from persistence.schema import invitation, lane, post, post_version, question, room, ruling, vote
from rooms.model import Lane, PostKind, RoomState
from rooms.working_set import Invitation, Question, RoomEntry, RulingEntry, Text, VoteEntry, WorkingSet

# A mute in every room is told to the moderators of so many rooms; the others find it when they look.
EVERYWHERE_MAX = 200


def load(connection: Connection, batch: Sequence[Command], now: int) -> WorkingSet:
    ws = WorkingSet(now)
    needs = needs_of(batch)
    _load_invitations(connection, ws, needs)
    _find_rooms(connection, needs)
    _load_rooms(connection, ws, needs)
    _load_posts(connection, ws, needs)
    _load_texts(connection, ws)
    _load_rulings(connection, ws, needs)
    _load_votes(connection, ws, needs)
    load_people(connection, ws, needs)
    return ws


def _load_invitations(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.codes:
        return
    named = or_(
        among(connection, invitation.c.code, needs.codes), among(connection, invitation.c.secret_hash, needs.secrets)
    )
    for row in connection.execute(select(invitation).where(named)):
        found = Invitation(
            row.code, row.secret_hash, row.room_id, row.department_id, row.created_by, row.created_at, row.expires_at
        )
        ws.invitations.load(found.code, found)
        needs.rooms.add(found.room)


def _find_rooms(connection: Connection, needs: Needs) -> None:
    """The rooms of the posts concerned. A post's room never changes: no lock is needed to read it."""
    concerned = needs.targets | needs.parents
    if concerned:
        query = select(post.c.room_id).where(among(connection, post.c.id, concerned))
        needs.rooms.update(connection.execute(query).scalars())
    if needs.everywhere:
        on_air = select(room.c.id).where(room.c.state != RoomState.CLOSED.value).order_by(room.c.id.desc())
        needs.rooms.update(connection.execute(on_air.limit(EVERYWHERE_MAX)).scalars())


def _load_rooms(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.rooms:
        return
    # Each room to one batch at a time: pace, places in the queue and numbers are then exact across nodes. Shared locks
    # would let a stream of posts keep the host who wants to close the room waiting for ever. Not `FOR UPDATE`: rows
    # that only point here may be inserted beside it.
    query = select(room).where(among(connection, room.c.id, needs.rooms)).order_by(room.c.id)
    rows = connection.execute(query.with_for_update(key_share=True)).all()
    heads = _pub_heads(connection, needs.rooms)
    waiting = _waiting(connection, needs.rooms) if needs.waiting else {}
    places = room_departments(connection, sorted(needs.rooms)) if needs.places else {}
    for row in rows:
        value = room_of(row, places.get(row.id, ()))
        head, epoch = heads.get(row.id, (0, ""))
        entry = RoomEntry(value, row.last_number, waiting.get(row.id, 0), head, epoch=epoch)
        ws.rooms.load(value.id, entry)


def _pub_heads(connection: Connection, rooms: set[RoomId]) -> dict[str, tuple[int, str]]:
    query = select(lane.c.stream_id, lane.c.head_seq, lane.c.epoch).where(
        among(connection, lane.c.stream_id, rooms), lane.c.lane == Lane.PUB.value
    )
    return {row.stream_id: (row.head_seq, row.epoch) for row in connection.execute(query)}


def _waiting(connection: Connection, rooms: set[RoomId]) -> dict[str, int]:
    query = (
        select(post.c.room_id, func.count().label("waiting"))
        .where(text("post.waiting"), among(connection, post.c.room_id, rooms))
        .group_by(post.c.room_id)
    )
    return {row.room_id: row.waiting for row in connection.execute(query)}


def _load_posts(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    """The posts that commands change or lease, locked; those they only look at; and the questions of all."""
    rows = [*_targets(connection, needs), *_free_posts(connection, needs, ws.now)]
    if needs.parents:
        rows += connection.execute(select(post).where(among(connection, post.c.id, needs.parents))).all()
    if needs.cids:
        query = select(post).where(tuple_(post.c.room_id, post.c.author_id, post.c.cid).in_(sorted(needs.cids)))
        known = connection.execute(query).all()
        ws.cids.update({(RoomId(row.room_id), UserId(row.author_id), row.cid): PostId(row.id) for row in known})
        rows += known
    _load_questions(connection, ws, {row.question_id for row in rows if row.question_id is not None})
    for row in rows:
        thread = ws.questions.get(row.question_id) if row.kind == PostKind.QUESTION.value else None
        loaded = post_of(row, number=thread.number if thread is not None else None)
        ws.posts.load(loaded.id, loaded)
    _load_unseen_rooms(connection, ws)


def _targets(connection: Connection, needs: Needs) -> Sequence[Row[Any]]:
    if not needs.targets:
        return ()
    wanted = among(connection, post.c.id, needs.targets)
    if needs.staging:
        staged = select(post.c.id).where(text("post.staged"), among(connection, post.c.room_id, needs.rooms))
        wanted = or_(wanted, post.c.id.in_(staged))
    query = select(post).where(wanted).order_by(post.c.id).with_for_update(key_share=True)
    return connection.execute(query).all()


def _free_posts(connection: Connection, needs: Needs, now: int) -> list[Row[Any]]:
    """Enough free posts for everybody who pulls; what another node is about to lease is skipped, not waited for."""
    wanted: dict[RoomId | None, int] = {}
    for where, n in needs.pulls:
        wanted[where] = wanted.get(where, 0) + n
    # Posts taken for one room may be the oldest of all: whoever asks everywhere needs as many more.
    if None in wanted:
        wanted[None] = sum(wanted.values())
    rows: list[Row[Any]] = []
    for where, n in wanted.items():
        query = select(post).where(text("post.waiting"), post.c.lease_until <= now)
        if where is not None:
            query = query.where(post.c.room_id == where)
        query = query.order_by(post.c.waiting_since, post.c.id).limit(n)
        rows += connection.execute(query.with_for_update(key_share=True, skip_locked=True)).all()
    return rows


def _load_unseen_rooms(connection: Connection, ws: WorkingSet) -> None:
    """Rooms of posts that came up by themselves: only looked at, never changed."""
    missing = {one.room for one in ws.posts if one.room not in ws.rooms}
    if missing:
        for row in connection.execute(select(room).where(among(connection, room.c.id, missing))):
            ws.rooms.load(RoomId(row.id), RoomEntry(room_of(row, ())))


def _load_questions(connection: Connection, ws: WorkingSet, wanted: set[str]) -> None:
    if not wanted:
        return
    for row in connection.execute(select(question).where(among(connection, question.c.id, wanted))):
        found = Question(
            QuestionId(row.id), RoomId(row.room_id), UserId(row.asker_id), row.state, row.created_at, row.number
        )
        ws.questions.load(found.id, found)


def _load_texts(connection: Connection, ws: WorkingSet) -> None:
    """Of each post the text it was sent with, the newest and the one that stands."""
    wanted = {one.id for one in ws.posts}
    if not wanted:
        return
    needed = or_(
        post_version.c.version == 1,
        post_version.c.version == post.c.version,
        post_version.c.version == post.c.shown_version,
    )
    query = select(post_version).join(post, post.c.id == post_version.c.post_id).where(needed)
    for row in connection.execute(query.where(among(connection, post.c.id, wanted))):
        found = Text(PostId(row.post_id), row.version, row.body, row.salt, UserId(row.created_by), row.created_at)
        ws.texts.load((found.post, found.version), found)


def _load_rulings(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.rulings:
        return
    for row in connection.execute(select(ruling).where(among(connection, ruling.c.post_id, needs.rulings))):
        found = RulingEntry(
            PostId(row.post_id), row.version, row.ruling, row.moderator_id, row.reason, row.note, row.seq, row.at
        )
        ws.rulings.load((found.post, found.version), found)


def _load_votes(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.votes:
        return
    query = select(vote).where(tuple_(vote.c.post_id, vote.c.voter_id).in_(sorted(needs.votes)))
    for row in connection.execute(query):
        found = VoteEntry(PostId(row.post_id), UserId(row.voter_id), row.value, row.at)
        ws.votes.load((found.post, found.voter), found)
