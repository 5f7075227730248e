"""Fills a working set with what a batch needs, locking what it may change.

Locks are taken in one order by everybody — rooms, then posts, each by id, lanes last — so that batches wait for each
other and never in a circle. SQLite ignores the locks: there one batch runs at a time. On PostgreSQL each statement sees
what was committed before it began, so everything that depends on a locked row is read after its lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, text, tuple_

from kernel.ids import PostId, QuestionId, RoomId, UserId
from moderation.commands import Command
from moderation.urgency import pressure
from persistence.loading_appeals import load_appeals
from persistence.loading_people import load_people
from persistence.loading_proposals import load_proposals
from persistence.loading_reports import load_reports
from persistence.needs import Needs, needs_of
from persistence.prepared import Prepared
from persistence.room_rows import room_departments, room_of
from persistence.rows import post_of
from persistence.schema import invitation, lane, post, post_version, question, room, ruling, vote
from persistence.seals import load_seals
from rooms.model import Lane, PostKind, RoomState
from rooms.working_set import Invitation, Question, RoomEntry, RulingEntry, Text, VoteEntry, WorkingSet

# A mute in every room is told to the moderators of so many rooms; the others find it when they look.
EVERYWHERE_MAX = 200
# Who pulls everywhere is given posts of so many rooms at most, the most urgent ones.
ROOMS_AT_ONCE = 16
# Where others hold what these have, so many more are looked at before it is said that nothing waits.
SPARE_ROOMS = 3

_INVITATIONS = Prepared(
    lambda among: select(invitation).where(
        or_(among(invitation.c.code, "codes"), among(invitation.c.secret_hash, "secrets"))
    )
)
_ROOMS_OF_POSTS = Prepared(lambda among: select(post.c.room_id).where(among(post.c.id, "posts")).distinct())
_ROOMS_ON_AIR = (
    select(room.c.id).where(room.c.state != RoomState.CLOSED.value).order_by(room.c.id.desc()).limit(EVERYWHERE_MAX)
)
_ROOMS = Prepared(lambda among: select(room).where(among(room.c.id, "rooms")))
# Each room to one batch at a time: pace, places in the queue and numbers are then exact across nodes. Shared locks
# would let a stream of posts keep the host who wants to close the room waiting for ever. Not `FOR UPDATE`: rows that
# only point here may be inserted beside it.
_LOCKED_ROOMS = Prepared(
    lambda among: select(room).where(among(room.c.id, "rooms")).order_by(room.c.id).with_for_update(key_share=True)
)
_PUB_HEADS = Prepared(
    lambda among: select(lane.c.stream_id, lane.c.head_seq, lane.c.epoch).where(
        among(lane.c.stream_id, "rooms"), lane.c.lane == Lane.PUB.value
    )
)
_POSTS = Prepared(lambda among: select(post).where(among(post.c.id, "posts")))
_LOCKED_POSTS = Prepared(
    lambda among: select(post).where(among(post.c.id, "posts")).order_by(post.c.id).with_for_update(key_share=True)
)
_STAGED_POSTS = Prepared(lambda among: select(post.c.id).where(text("post.staged"), among(post.c.room_id, "rooms")))
_KNOWN_CIDS = select(post).where(
    tuple_(post.c.room_id, post.c.author_id, post.c.cid).in_(bindparam("cids", expanding=True))
)
_FREE_POSTS_OF_ROOM = (
    select(post)
    .where(text("post.waiting"), post.c.room_id == bindparam("room"), post.c.lease_until <= bindparam("now"))
    .order_by(post.c.waiting_since, post.c.id)
    .limit(bindparam("n"))
    .with_for_update(key_share=True, skip_locked=True)
)
_OLDEST_FREE = (
    select(post.c.waiting_since)
    .where(text("post.waiting"), post.c.room_id == room.c.id, post.c.lease_until <= bindparam("now"))
    .order_by(post.c.waiting_since, post.c.id)
    .limit(1)
    .correlate(room)
    .scalar_subquery()
)
_ROOMS_THAT_WAIT = select(room.c.id, room.c.state, _OLDEST_FREE.label("since")).where(room.c.waiting > 0)
_HELD = (
    select(post.c.room_id, func.count().label("held"))
    .where(text("post.waiting"), post.c.lease_until > bindparam("now"))
    .group_by(post.c.room_id)
)
_QUESTIONS = Prepared(lambda among: select(question).where(among(question.c.id, "questions")))
# Those of other askers are counted in `askers`.
_OWN_MERGED = Prepared(
    lambda among: select(question).where(
        among(question.c.room_id, "rooms"), among(question.c.asker_id, "askers"), among(question.c.merged_into, "into")
    )
)
_TEXTS = Prepared(
    lambda among: (
        select(post_version)
        .join(post, post.c.id == post_version.c.post_id)
        .where(
            among(post.c.id, "posts"),
            # What it was sent with, the newest, and the one that stands.
            or_(
                post_version.c.version == 1,
                post_version.c.version == post.c.version,
                post_version.c.version == post.c.shown_version,
            ),
        )
    )
)
_RULINGS = Prepared(lambda among: select(ruling).where(among(ruling.c.post_id, "posts")))
_VOTES = select(vote).where(tuple_(vote.c.post_id, vote.c.voter_id).in_(bindparam("votes", expanding=True)))


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
    load_appeals(connection, ws, needs)
    load_reports(connection, ws, needs)
    load_proposals(connection, ws, needs)
    load_seals(connection, ws, needs)
    return ws


def _load_invitations(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.codes:
        return
    for row in _INVITATIONS(connection, codes=needs.codes, secrets=needs.secrets):
        found = Invitation(
            row.code, row.secret_hash, row.room_id, row.department_id, row.created_by, row.created_at, row.expires_at
        )
        ws.invitations.load(found.code, found)
        needs.rooms.add(found.room)


def _find_rooms(connection: Connection, needs: Needs) -> None:
    """The rooms of the posts concerned. A post's room never changes: no lock is needed to read it."""
    if needs.targets:
        needs.rooms.update(_ROOMS_OF_POSTS(connection, posts=needs.targets).scalars())
    if needs.everywhere:
        needs.rooms.update(connection.execute(_ROOMS_ON_AIR).scalars())


def _load_rooms(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.rooms:
        return
    rows = _LOCKED_ROOMS(connection, rooms=needs.rooms).all()
    heads = {row.stream_id: row for row in _PUB_HEADS(connection, rooms=needs.rooms)}
    places = room_departments(connection, sorted(needs.rooms)) if needs.places else {}
    for row in rows:
        value, head = room_of(row, places.get(row.id, ())), heads[row.id]
        entry = RoomEntry(value, row.last_number, row.waiting, head.head_seq, epoch=head.epoch)
        ws.rooms.load(value.id, entry)


def _load_posts(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    """The posts that commands change or lease, locked; those they only look at; and the questions of all."""
    rows = [*_targets(connection, needs), *_free_posts(connection, ws, needs)]
    if needs.parents:
        rows += _POSTS(connection, posts=needs.parents).all()
    if needs.cids:
        known = connection.execute(_KNOWN_CIDS, {"cids": sorted(needs.cids)}).all()
        ws.cids.update({(RoomId(row.room_id), UserId(row.author_id), row.cid): PostId(row.id) for row in known})
        rows += known
    _load_questions(connection, ws, {row.question_id for row in rows if row.question_id is not None})
    if needs.merging:
        _load_merged(connection, ws, needs.merging)
    for row in rows:
        thread = ws.questions.get(row.question_id) if row.kind == PostKind.QUESTION.value else None
        loaded = post_of(row, number=thread.number, askers=thread.askers) if thread else post_of(row, number=None)
        ws.posts.load(loaded.id, loaded)
    missing = {one.room for one in ws.posts if one.room not in ws.rooms}
    # Rooms of posts that came up by themselves: only looked at, never changed.
    for row in _ROOMS(connection, rooms=missing) if missing else ():
        ws.rooms.load(RoomId(row.id), RoomEntry(room_of(row, ()), row.last_number, row.waiting))


def _targets(connection: Connection, needs: Needs) -> Sequence[Row[Any]]:
    if not needs.targets:
        return ()
    # Who is on stage cannot change meanwhile: that takes the room, and the room is ours.
    staged = _STAGED_POSTS(connection, rooms=needs.rooms).scalars() if needs.staging else ()
    return _LOCKED_POSTS(connection, posts={*needs.targets, *staged}).all()


def _free_posts(connection: Connection, ws: WorkingSet, needs: Needs) -> list[Row[Any]]:
    """Enough free posts for everybody who pulls; what another node is about to lease is skipped, not waited for."""
    wanted: dict[RoomId, int] = {}
    anywhere = sum(n for where, n in needs.pulls if where is None)
    for where, n in needs.pulls:
        if where is not None:
            wanted[where] = wanted.get(where, 0) + n
    spare: list[RoomId] = []
    if anywhere:
        # Posts taken for one room may be the most urgent of all: whoever asks everywhere needs as many more.
        anywhere += sum(wanted.values())
        needy_rooms = _neediest_rooms(connection, ws)
        n = min(anywhere, ROOMS_AT_ONCE)
        spare = needy_rooms[n : n + SPARE_ROOMS]
        for needy in needy_rooms[:n]:
            wanted[needy] = wanted.get(needy, 0) + anywhere
    rows: list[Row[Any]] = []
    for where, n in wanted.items():
        rows += _free_posts_of(connection, ws, where, n)
    for where in spare:
        if len(rows) >= anywhere:
            break
        if where not in wanted:
            rows += _free_posts_of(connection, ws, where, anywhere)
    return rows


def _free_posts_of(connection: Connection, ws: WorkingSet, where: RoomId, n: int) -> Sequence[Row[Any]]:
    return connection.execute(_FREE_POSTS_OF_ROOM, {"now": ws.now, "n": n, "room": where}).all()


def _neediest_rooms(connection: Connection, ws: WorkingSet) -> list[RoomId]:
    """The next `n` posts are of the first `n`: each pick leaves all rooms but one as needy as they were."""
    rows = [row for row in connection.execute(_ROOMS_THAT_WAIT, {"now": ws.now}) if row.since is not None]
    if len(rows) > 1:
        ws.held.update({RoomId(row.room_id): row.held for row in connection.execute(_HELD, {"now": ws.now})})
    needs = [
        (pressure(RoomState(row.state), ws.held.get(row.id, 0), ws.now - row.since), row.since, row) for row in rows
    ]
    needs.sort(key=lambda need: (need[0], need[1], need[2].id))
    return [RoomId(row.id) for _, _, row in needs]


def _load_questions(connection: Connection, ws: WorkingSet, wanted: set[str]) -> None:
    if not wanted:
        return
    for row in _QUESTIONS(connection, questions=wanted):
        _keep_question(ws, row)
    # What one is merged into counts one asker fewer if it stands for itself again; that itself is merged nowhere.
    targets = {str(one.merged_into) for one in ws.questions if one.merged_into is not None}
    _load_questions(connection, ws, {target for target in targets if QuestionId(target) not in ws.questions})


def _load_merged(connection: Connection, ws: WorkingSet, merging: set[PostId]) -> None:
    """What was merged into those that are to be merged, and is asked by the same."""
    into = [one for one in ws.questions if PostId(one.id) in merging]
    if not into:
        return
    rooms, askers = {one.room for one in into}, {one.asker for one in into}
    for row in _OWN_MERGED(connection, rooms=rooms, askers=askers, into={one.id for one in into}):
        if QuestionId(row.id) not in ws.questions:
            _keep_question(ws, row)


def _keep_question(ws: WorkingSet, row: Row[Any]) -> None:
    found = Question(
        QuestionId(row.id),
        RoomId(row.room_id),
        UserId(row.asker_id),
        row.state,
        row.created_at,
        row.number,
        merged_into=QuestionId(row.merged_into) if row.merged_into is not None else None,
        askers=row.askers,
    )
    ws.questions.load(found.id, found)


def _load_texts(connection: Connection, ws: WorkingSet) -> None:
    wanted = {one.id for one in ws.posts}
    if not wanted:
        return
    for row in _TEXTS(connection, posts=wanted):
        found = Text(PostId(row.post_id), row.version, row.body, row.salt, UserId(row.created_by), row.created_at)
        ws.texts.load((found.post, found.version), found)


def _load_rulings(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.rulings:
        return
    for row in _RULINGS(connection, posts=needs.rulings):
        found = RulingEntry(
            PostId(row.post_id), row.version, row.ruling, row.moderator_id, row.reason, row.note, row.seq, row.at
        )
        ws.rulings.load((found.post, found.version), found)


def _load_votes(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if not needs.votes:
        return
    for row in connection.execute(_VOTES, {"votes": sorted(needs.votes)}):
        found = VoteEntry(PostId(row.post_id), UserId(row.voter_id), row.value, row.at)
        ws.votes.load((found.post, found.voter), found)
