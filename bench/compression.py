"""What compressing once for all saves and costs: bytes on the wire and CPU, with and without, in one run.

`python -m bench.compression [rounds]` prints one JSON line. Messages of 1, 5 and 20 questions and a snapshot of 100, in
both codecs: bytes of the frame, microseconds to build it, and for each of the viewers it is written to. `even_at` is
the number of viewers from which less work in the kernel pays for the packing; null where it never does.
"""

from __future__ import annotations

import json
import random
import socket
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from gateway.engine.deflate import form_of
from gateway.live.framing import Framing
from kernel.ids import RoomId
from rooms.model import Lane
from wenzheng.crowd_bank import load_bank

ROUNDS: Final = 25
VIEWERS: Final = 50
SIZES: Final = {"ev of 1": 1, "ev of 5": 5, "ev of 20": 20, "snap of 100": 100}
_ROOM: Final = RoomId("01m89vr7ksnbsttjcnsqgjnwf3")


def items(count: int) -> list[dict[str, Any]]:
    """Questions as the simulated crowd asks them, each with its own ids and times."""
    bank = load_bank("zh")
    made = []
    for n in range(count):
        topic, name = bank.topics[n % len(bank.topics)], bank.people[n % len(bank.people)]
        post = f"01m89vr7ks{random.Random(n).getrandbits(64):016x}"
        item = {"s": n + 1, "k": "msg", "id": post, "at": 1_795_000_000_000 + n * 1_371, "q": post, "number": n + 1}
        made.append({**item, "kind": "question", "by": {"name": name, "role": "netizen"}, "body": topic.ask, "ver": 1})
    return made


def builder(name: str, form: str) -> Callable[[], bytes]:
    """Makes the frame as the rooms do: events of items that are encoded already, a snapshot from the start."""
    wire, said = Framing(), items(SIZES[name])
    if name.startswith("snap"):
        shown = {"t": "snap", "r": _ROOM, "l": Lane.PUB, "ep": "e5f1", "head": len(said), "x": said}
        return lambda: wire.snap(form, Lane.PUB, shown)
    encoded = [wire.item(wire.codec(form), item) for item in said]
    return lambda: wire.ev(form, _ROOM, Lane.PUB, "e5f1", 1, len(said), encoded)


def measured(rounds: int) -> list[dict[str, Any]]:
    rows = []
    viewers = [socket.socketpair() for _ in range(VIEWERS)]
    for _ours, theirs in viewers:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    for name in SIZES:
        for codec in ("json", "msgpack"):
            builders = {"plain": builder(name, codec), "packed": builder(name, form_of(codec, deflate=True))}
            building: dict[str, list[float]] = {kind: [] for kind in builders}
            writing: dict[str, list[float]] = {kind: [] for kind in builders}
            for _ in range(rounds):
                for kind, build in builders.items():
                    building[kind].append(_timed(build))
                    writing[kind].append(_write(viewers, build()))
            size = {kind: len(build()) for kind, build in builders.items()}
            rows.append(_row(f"{name}, {codec}", size, building, writing))
    for pair in viewers:
        for end in pair:
            end.close()
    return rows


def _row(name: str, size: dict[str, int], building: dict[str, list[float]], writing: dict[str, list[float]]) -> Any:
    build_us = {kind: round(statistics.median(times), 1) for kind, times in building.items()}
    write_us = {kind: round(statistics.median(times), 2) for kind, times in writing.items()}
    saved = write_us["plain"] - write_us["packed"]
    even = round((build_us["packed"] - build_us["plain"]) / saved) if saved > 0 else None
    ratio = round(size["packed"] / size["plain"], 2)
    return {"message": name, "bytes": size, "ratio": ratio, "build_us": build_us, "write_us": write_us, "even_at": even}


def _write(viewers: list[tuple[socket.socket, socket.socket]], framed: bytes) -> float:
    """Microseconds for each of them."""

    def write() -> None:
        for ours, _theirs in viewers:
            ours.sendall(framed)

    spent = _timed(write) / len(viewers)
    for _ours, theirs in viewers:
        left = len(framed)
        while left:
            left -= len(theirs.recv(left))
    return spent


def _timed(work: Callable[[], object]) -> float:
    """CPU of this thread, in microseconds."""
    began = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - began) / 1_000


def main(words: list[str]) -> int:
    rows = measured(int(words[0]) if words else ROUNDS)
    print(json.dumps({"bench": "compression", "viewers": VIEWERS, "rows": rows}, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
