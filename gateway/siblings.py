"""The workers of one machine tell each other their numbers, so that any of them can answer `/metrics` for all.

Each listens on a Unix socket in a folder of their own. Whoever is silent is left out and shown as down: a scrape waits
for nobody longer than `ANSWER_S`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgpack
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from kernel.tasks import spawn

ANSWER_S = 0.5
# Some hundred numbers are some tens of kilobytes.
ANSWER_MAX = 4 * 1024 * 1024
_LENGTH = 4  # bytes before each answer

_log = logging.getLogger(__name__)

Families = Callable[[], Iterable[Metric]]


class Siblings:
    """One of `slots` workers. A number it tells has the label `worker`, counted from 1."""

    def __init__(self, folder: Path, slot: int, slots: int) -> None:
        self._folder = folder
        self._slot = slot
        self._slots = slots
        self._coming = folder / f"{slot}.{os.getpid()}.{id(self)}"
        self._own: Families = tuple
        self._server: asyncio.Server | None = None
        self._asking: asyncio.Task[bytes] | None = None

    async def start(self, own: Families) -> None:
        """Makes ready to answer; whoever does for this slot so far goes on until `take_over`."""
        self._own = own
        with _not_worth_a_worker():
            self._server = await asyncio.start_unix_server(self._answer, self._coming)

    def take_over(self) -> None:
        """Answers for this slot from now on."""
        if self._server is not None:
            with _not_worth_a_worker():
                self._coming.rename(self._path(self._slot))

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def text(self) -> bytes:
        """The numbers of all, as Prometheus reads them. Scrapes at the same time share one round."""
        if self._asking is None or self._asking.done():
            self._asking = spawn(self._ask_all(), name="numbers of all workers")
        return await asyncio.shield(self._asking)

    async def _ask_all(self) -> bytes:
        others = [slot for slot in range(self._slots) if slot != self._slot]
        answers = await asyncio.gather(*(self._ask(slot) for slot in others))
        told: dict[int, list[Metric] | None] = dict(zip(others, answers, strict=True))
        told[self._slot] = list(self._own())
        return generate_latest(Merged({slot + 1: told[slot] for slot in sorted(told)}))

    async def _ask(self, slot: int) -> list[Metric] | None:
        """None: nobody there, nobody who answers, or nothing that can be read."""
        try:
            async with asyncio.timeout(ANSWER_S):
                reader, writer = await asyncio.open_unix_connection(self._path(slot))
                try:
                    length = int.from_bytes(await reader.readexactly(_LENGTH), "big")
                    if length > ANSWER_MAX:
                        return None
                    return unpacked(await reader.readexactly(length))
                finally:
                    writer.close()
        except (OSError, EOFError, TimeoutError, ValueError, TypeError):
            return None

    async def _answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            packed_numbers = packed(self._own())
            writer.write(len(packed_numbers).to_bytes(_LENGTH, "big") + packed_numbers)
            async with asyncio.timeout(ANSWER_S):
                await writer.drain()
        except (OSError, TimeoutError):
            return  # whoever asked has gone
        finally:
            writer.close()

    def _path(self, slot: int) -> Path:
        return self._folder / str(slot)


@contextmanager
def _not_worth_a_worker() -> Iterator[None]:
    """Without its numbers it serves all the same, and the others show it as down."""
    try:
        yield
    except OSError:
        _log.exception("the siblings cannot ask this worker for its numbers")


class Merged(Collector):
    """The families of all workers, each sample under its worker's label, and which workers answered."""

    def __init__(self, told: Mapping[int, list[Metric] | None]) -> None:
        self._told = told

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("wenzheng_worker_up", "whether the worker told its numbers", labels=("worker",))
        merged: dict[str, Metric] = {}
        for worker, families in self._told.items():
            up.add_metric((str(worker),), float(families is not None))
            for family in families or ():
                into = merged.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type, family.unit)
                )
                for sample in family.samples:
                    into.add_sample(sample.name, {**sample.labels, "worker": str(worker)}, sample.value)
        yield up
        yield from merged.values()


def packed(families: Iterable[Metric]) -> bytes:
    told = [
        (one.name, one.documentation, one.type, one.unit, [(s.name, s.labels, float(s.value)) for s in one.samples])
        for one in families
    ]
    answer: bytes = msgpack.packb(told)
    return answer


def unpacked(answer: bytes) -> list[Metric]:
    """Raises ValueError or TypeError for what `packed` did not write."""
    families: list[Metric] = []
    told: list[Any] = msgpack.unpackb(answer)
    for name, documentation, kind, unit, samples in told:
        family = Metric(name, documentation, kind, unit)
        for sample, labels, value in samples:
            family.add_sample(sample, labels, value)
        families.append(family)
    return families
