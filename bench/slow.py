"""Viewers that join and never read, among others who do: all are let go, and none costs much until then."""

from __future__ import annotations

import threading
import time

from bench.contenders import Contender
from bench.crowd import Crowd
from bench.lines import Line
from bench.machine import resident_kib
from bench.product import Product, product
from bench.run import Run

PART = "slow"
READERS, DEAF = 200, 100
MODERATORS = 16
# 6 KB of text each: within a second or two nobody who does not read has room left, in the kernel or here.
LONG, LONG_PER_S, LONG_S = 300, 100.0, 3.0
# Then an ordinary pace until patience must have run out.
PACE_PER_S, PACE_S = 5.0, 14.0
SAMPLE_S = 0.05


def long_text(n: int) -> str:
    return "".join(f"第{n}问之{part}：{n * 7919 + part * 104729}路公交怎么换乘地铁？" for part in range(70))


def measure(run: Run) -> list[Line]:
    without, note = 0, "all growth counts as theirs"
    # Each in a process of its own: what the first left behind would be room for the second.
    if not run.quick:
        run.say(f"{READERS} viewers who read")
        with product() as served:
            (without, _), note = poured(served, 0), ""
    run.say(f"{READERS} who read and {DEAF} who do not")
    with product() as served:
        grown, cut = poured(served, DEAF)
    line = Line.of(PART)
    return [
        line("slow viewers not cut", [DEAF - cut], 0, 0, unit="", note=f"{cut} of {DEAF} were cut"),
        line("memory per slow viewer", [max(0.0, grown - without) / DEAF], 512, 256, unit="KiB", note=note),
    ]


def poured(served: Product, deaf: int) -> tuple[int, int]:
    """By how many KiB the server grew at its highest, and how many of the deaf it let go."""
    room = served.room()
    with served.crowd(room) as crowd:
        crowd.publishers(MODERATORS)
        crowd.open(READERS)
        contender = Contender("product", crowd)
        crowd.load(served.approvals(room, LONG + int(PACE_PER_S * PACE_S) + 5, long_text))
        crowd.deaf(deaf)
        with Highest(served.pid) as highest:
            pour(contender, crowd)
        return highest.kib, crowd.cut() if deaf else 0


def pour(contender: Contender, crowd: Crowd) -> None:
    """Nothing is lost for those who read: that is asked as well."""
    contender.take("long", crowd.rate(LONG_PER_S, LONG_S))
    contender.take("pace", crowd.rate(PACE_PER_S, PACE_S))


class Highest:
    """The most memory a process had in a while, over what it had in the beginning."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._began = self._most = resident_kib(pid)
        self._thread = threading.Thread(target=self._look)

    @property
    def kib(self) -> int:
        return self._most - self._began

    def __enter__(self) -> Highest:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            self._most = max(self._most, resident_kib(self._pid))
            time.sleep(SAMPLE_S)
