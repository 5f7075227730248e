"""What it costs that somebody comes: connect, hello and join, and the memory of one who then only listens."""

from __future__ import annotations

from bench.fanout import ratios
from bench.floor import floor
from bench.lines import Line
from bench.machine import descriptors
from bench.product import product
from bench.run import Run

PART = "joins"
VIEWERS = 15_000
# What a process has open besides: the store, the log, publishers.
RESERVED = 500
# As many as the answer to a join shows unless asked otherwise.
QUESTIONS = 50
WARM, SETTLE_S = 300, 1.0


def measure(run: Run) -> list[Line]:
    viewers = min(2_000 if run.quick else VIEWERS, descriptors() - RESERVED)
    floors, empty, full, memory, snapshot = [], [], [], [], 0.0
    for number in range(run.rounds):
        run.say(f"round {number + 1} of {run.rounds}: {viewers:,} viewers come")
        with floor() as crowd:
            floors.append(crowd.open(viewers)["cpu_us"])
        with product() as served:
            room = served.room()
            served.publish(room, QUESTIONS)
            with served.crowd(room) as crowd:
                crowd.open(WARM)
                before = crowd.rest(SETTLE_S)["kib"]
                # Before anybody else: memory that was given back once would be taken from there.
                answer = crowd.open(viewers)
                full.append(answer["cpu_us"])
                snapshot = answer["bytes"] / 1024
                memory.append((crowd.rest(SETTLE_S)["kib"] - before) / (viewers - WARM))
            with served.crowd(served.room()) as crowd:
                crowd.open(WARM)
                empty.append(crowd.open(min(2_000, viewers))["cpu_us"])
    line = Line.of(PART)
    fewer = "" if viewers == VIEWERS else f"with {viewers:,} viewers"
    bytes_told = f"{QUESTIONS} questions, {snapshot:.0f} KiB of answer"
    return [
        line("CPU per connect + hello + join ÷ floor's handshake", ratios(full, floors), 12, 6, note=bytes_told),
        line("· the same in an empty room", ratios(empty, floors)),
        line("· floor, one handshake", floors, unit="µs"),
        line("· product, one viewer come", full, unit="µs"),
        line("memory per joined idle viewer, at 15,000", memory, 6, 3, unit="KiB", note=fewer),
    ]
