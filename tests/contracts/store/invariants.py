"""What must be true of any store at any time, read from the bare tables: numbers, verdicts, tallies, digests."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

from sqlalchemy import Connection, select

from persistence.schema import event, lane, post, post_version, question, room, ruling, vote
from persistence.store import Store


async def violations(store: Store) -> list[str]:
    """Every broken promise found, in words; empty is what we want."""
    return await store.database.read(find_violations)


async def assert_sound(store: Store) -> None:
    assert await violations(store) == []


def find_violations(connection: Connection) -> list[str]:
    checks = (_lanes, _publications, _verdicts, _numbers, _queues, _tallies, _digests)
    return [problem for check in checks for problem in check(connection)]


def _lanes(connection: Connection) -> list[str]:
    """C3: each lane is 1, 2, 3 … up to its head."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in connection.execute(select(event.c.stream_id, event.c.lane, event.c.seq)):
        found.setdefault((row.stream_id, row.lane), []).append(row.seq)
    problems = []
    for row in connection.execute(select(lane)):
        seqs = sorted(found.pop((row.stream_id, row.lane), []))
        if seqs != list(range(1, row.head_seq + 1)):
            problems.append(f"lane {row.lane} has {len(seqs)} events and head {row.head_seq}")
    return problems + [f"events on unknown lane {name}" for name in found]


def _publications(connection: Connection) -> list[str]:
    """Each published post was published once, at the number it carries; nothing else was."""
    events: dict[str, list[int]] = {}
    texts: Counter[tuple[str, int]] = Counter()
    for row in connection.execute(select(event).where(event.c.kind.in_(("msg", "edit")))):
        texts[row.ref, row.version] += 1
        if row.kind == "msg":
            events.setdefault(row.ref, []).append(row.seq)
    problems = [f"text {text} published {n} times" for text, n in texts.items() if n > 1]
    for row in connection.execute(select(post)):
        wanted = [row.seq] if row.state == "published" else []
        if events.get(row.id, []) != wanted:
            problems.append(f"post {row.id} is {row.state} at {row.seq}, its publications are {events.get(row.id, [])}")
        if row.state == "pending" and not row.waiting:
            problems.append(f"post {row.id} is pending and nobody is asked")
    return problems


def _verdicts(connection: Connection) -> list[str]:
    """C8: one verdict to a version, and it is the one that was told."""
    told = Counter(
        (row.ref, row.version, row.meta.get("verdict", "publish"))  # `reinstated` says it by its name
        for row in connection.execute(select(event).where(event.c.kind.in_(("verdict", "reinstated"))))
    )
    rulings = Counter((row.post_id, row.version, row.ruling) for row in connection.execute(select(ruling)))
    return [] if told == rulings else [f"verdicts told {told}, recorded {rulings}"]


def _numbers(connection: Connection) -> list[str]:
    problems = []
    for row in connection.execute(select(room.c.id, room.c.last_number)):
        numbers = connection.execute(select(question.c.number).where(question.c.room_id == row.id)).scalars()
        given = sorted(number for number in numbers if number is not None)
        if given != list(range(1, row.last_number + 1)):
            problems.append(f"questions of {row.id} are numbered {given}, the last is {row.last_number}")
    return problems


def _queues(connection: Connection) -> list[str]:
    waiting = Counter(connection.execute(select(post.c.room_id).where(post.c.waiting)).scalars())
    return [
        f"room {row.id} says that {row.waiting} wait, and {waiting[row.id]} do"
        for row in connection.execute(select(room.c.id, room.c.waiting))
        if row.waiting != waiting[row.id]
    ]


def _tallies(connection: Connection) -> list[str]:
    votes = Counter((row.post_id, row.value) for row in connection.execute(select(vote)))
    return [
        f"post {row.id} counts {row.up} up and {row.down} down"
        for row in connection.execute(select(post.c.id, post.c.up, post.c.down))
        if (row.up, row.down) != (votes[row.id, 1], votes[row.id, -1])
    ]


def _digests(connection: Connection) -> list[str]:
    texts = {
        (row.post_id, row.version): sha256(row.salt + row.body.encode()).digest()
        for row in connection.execute(select(post_version))
    }
    publishing = select(event).where(event.c.kind.in_(("msg", "edit", "restore")))
    return [
        f"event {row.lane}/{row.seq} does not match the text it published"
        for row in connection.execute(publishing)
        if row.digest != texts[row.ref, row.version]
    ]
