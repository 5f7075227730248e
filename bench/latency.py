"""How late a message is on the screens of large rooms at an ordinary pace, beside the floor doing the same."""

from __future__ import annotations

from contextlib import ExitStack

from bench.contenders import Approvals, Contender
from bench.crowd import Answer
from bench.fanout import ratios
from bench.floor import floor
from bench.lines import Line
from bench.product import product
from bench.run import Run

PART = "latency"
# Viewers, messages a second, and what is asked of them.
EACH_SCREEN = ((1_000, 5.0), (5_000, 2.0))
ALL_SCREENS = (10_000, 2.0)
MODERATORS = 8


def measure(run: Run) -> list[Line]:
    seconds = 3.0 if run.quick else 6.0
    with ExitStack() as stack:
        served = stack.enter_context(product())
        room = served.room()
        crowd = stack.enter_context(served.crowd(room))
        crowd.publishers(MODERATORS)
        base = Contender("floor", stack.enter_context(floor()))
        ours = Contender("product", crowd, Approvals(served, room))
        lines = []
        for viewers, per_s in (*EACH_SCREEN, ALL_SCREENS):
            run.say(f"{viewers:,} viewers, {per_s:.0f} messages a second")
            for one in (base, ours):
                one.crowd.open(viewers)
            for _ in range(run.rounds):
                for one in (base, ours):
                    one.prepare(int(per_s * seconds) + 1)
                    one.take(f"{viewers}", one.crowd.rate(per_s, seconds))
            lines += told(base, ours, viewers, per_s)
        return lines


def told(base: Contender, ours: Contender, viewers: int, per_s: float) -> list[Line]:
    phase, line = f"{viewers}", Line.of(PART)
    if (viewers, per_s) == ALL_SCREENS:
        floors, found = base.each(phase, last), ours.each(phase, last)
        title = f"approve → last of {viewers:,} screens, p99 ÷ floor's"
        limits = (2.0, 1.3)
    else:
        floors, found = base.each(phase, each), ours.each(phase, each)
        title = f"p99 latency ÷ floor's at {viewers:,} × {per_s:.0f}/s"
        limits = (2.0, 1.2)
    return [
        line(title, ratios(found, floors), *limits),
        line(f"· floor, p99 at {viewers:,}", floors, unit="ms"),
        line(f"· product, p99 at {viewers:,}", found, unit="ms"),
    ]


def each(answer: Answer) -> float:
    """Every item on every screen."""
    return float(answer["p99_ms"])


def last(answer: Answer) -> float:
    """Every item on the screen that had it last."""
    return float(answer["last_p99_ms"])
