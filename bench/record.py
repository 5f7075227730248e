"""A room whose record is long: to come in and to open its page must cost what it costs in a short one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bench.crowd import Crowd
from bench.fanout import ratios
from bench.lines import Line
from bench.machine import cpu_seconds
from bench.product import Product, product
from bench.run import Run
from bench.visits import cost_us, fetch

PART = "record"
SHORT, LONG = 100, 1_000_000
WARM, JOINS, ANEW = 100, 500, 20
LIMITS = (1.3, 1.1)

# Copies of one question that was really asked, older than all that were: room is made for them below 1.
_SHIFT = (
    "UPDATE event SET seq = seq + :more WHERE stream_id = :room AND lane = 'pub'",
    "UPDATE post SET seq = seq + :more WHERE room_id = :room",
    "UPDATE question SET number = number + :more WHERE room_id = :room",
    "UPDATE lane SET head_seq = head_seq + :more WHERE stream_id = :room AND lane = 'pub'",
    "UPDATE room SET last_number = last_number + :more WHERE id = :room",
)
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :more) "
_KEY = "printf('%02d%024d', :mark, i)"
_FILLED = {
    "question": {"id": _KEY, "number": "i"},
    "post": {"id": _KEY, "question_id": _KEY, "cid": "printf('copy-%d', i)", "seq": "i"},
    "post_version": {"post_id": _KEY},
    "event": {"seq": "i", "ref": _KEY},
}
_MODEL = {
    "question": "t.id = :model",
    "post": "t.id = :model",
    "post_version": "t.post_id = :model",
    "event": "t.ref = :model AND t.lane = 'pub' AND t.kind = 'msg'",
}


def measure(run: Run) -> list[Line]:
    items = LONG // 10 if run.quick else LONG
    with product() as served:
        short, long = served.room(), served.room()
        for room in (short, long):
            served.publish(room, SHORT)
        served.server.stop()
        run.say(f"{items:,} items are written into the record of a room")
        fill(served.server.data / "wenzheng.db", long, items)
        served.start()
        found: dict[str, dict[str, list[float]]] = {
            room: {"join": [], "open": [], "anew": []} for room in (short, long)
        }
        for number in range(run.rounds):
            run.say(f"round {number + 1} of {run.rounds}: joins, pages, both after something new")
            for room in (short, long):
                with served.crowd(room) as crowd:
                    crowd.open(WARM)
                    crowd.shut()
                    found[room]["join"].append(crowd.open(JOINS)["cpu_us"])
                    found[room]["open"].append(cost_us(served, f"/rooms/{room}", JOINS))
                    found[room]["anew"].append(anew_us(served, crowd, room))
    titles = {"join": "join", "open": "page", "anew": "both, just after something new"}
    note = f"{items:,} items beside {SHORT}"
    return [
        Line(
            PART,
            f"{title}: a long transcript ÷ {SHORT} items",
            ratios(found[long][key], found[short][key]),
            *LIMITS,
            note=note,
        )
        for key, title in titles.items()
    ]


def anew_us(served: Product, crowd: Crowd, room: str) -> float:
    """Nothing that was made for others before serves: somebody comes and a page is opened just after a notice."""
    before = cpu_seconds(served.pid)
    for _ in range(ANEW):
        served.notice(room)
        crowd.shut()
        crowd.open(1)
        fetch(served, f"/rooms/{room}")
    return (cpu_seconds(served.pid) - before) / ANEW * 1e6


def fill(path: Path, room: str, items: int, mark: int = 0) -> None:
    """The newest hundred stay what was really published. `mark`: another for each room of one store, below 100."""
    with sqlite3.connect(path) as store:
        store.execute("PRAGMA synchronous = OFF")
        store.execute("PRAGMA foreign_keys = OFF")
        head, model = store.execute(
            "SELECT max(seq), max(ref) FROM event WHERE stream_id = ? AND lane = 'pub' AND kind = 'msg'", (room,)
        ).fetchone()
        given = {"room": room, "more": items - head, "model": model, "mark": mark}
        for statement in _SHIFT:
            store.execute(statement, given)
        for table, changed in _FILLED.items():
            columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
            source = f"SELECT {values} FROM n, {table} AS t WHERE {_MODEL[table]}"
            store.execute(f"{_NUMBERS} INSERT INTO {table} ({', '.join(columns)}) {source}", given)
    store.close()
