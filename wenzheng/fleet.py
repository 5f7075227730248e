"""Which worker processes there should be: told what happened and what time it is, it says what to do; it does nothing.

`supervisor.py` carries the orders out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

# A first try that dies of a signal may be bad luck; so many are not.
FIRST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `end_s` is what a worker may take from being told to leave until it is gone."""

    end_s: float
    start_s: float = 60.0  # from having a slot to being ready
    steady_s: float = 10.0  # one that dies sooner after it was ready is no cure
    pause_s: float = 0.25  # before the second try; doubles
    pause_max_s: float = 5.0
    deaf_s: float = 1.0  # with a pause as long as this nobody is sent to the slot

    def before_try(self, failures: int) -> float:
        """Nothing after the first failure: most are the only one, and visitors wait."""
        return 0.0 if failures <= 1 else min(self.pause_max_s, self.pause_s * 2.0 ** min(failures - 2, 16))


@dataclass(slots=True, eq=False)
class Worker:
    """A process that lives. `slot` None: a spare, loaded and waiting for one."""

    number: int
    slot: int | None
    generation: int
    since: float  # started, or given its slot
    ready_at: float | None = None
    told_at: float | None = None  # to leave
    killed: bool = False


class Act(Enum):
    """What to do with a worker. `HAND_OVER`: another has its place and its sockets, so it accepts nobody more.

    `LEAVE_OUT`: it is gone, and connections go to other slots until the next one in its slot listens.
    """

    START = auto()
    PLACE = auto()  # a spare gets the slot that stands in it
    HAND_OVER = auto()
    END = auto()
    KILL = auto()
    LEAVE_OUT = auto()


Order = tuple[Act, Worker]


class Loss(Enum):
    """What it meant that a worker ended."""

    EXPECTED = auto()
    REPLACED = auto()  # another takes its place, at once or after a pause
    ROLL = auto()  # it was to take another's place: that one stays, and so does everybody not yet replaced


@dataclass(slots=True)
class Seat:
    """One slot. `heir` is to take over from `holder` as soon as it is ready."""

    holder: Worker | None = None
    heir: Worker | None = None
    failures: int = 0  # lives too short, in a row
    not_before: float = 0.0


@dataclass(slots=True)
class Fleet:
    """`size` slots, each with one worker that serves; and one spare, because loading takes longer than a second."""

    size: int
    patience: Patience
    workers: list[Worker] = field(default_factory=list)
    proven: bool = False  # a worker has been ready: what they are started with is good
    hopeless: bool = False
    stopping: bool = False
    _seats: list[Seat] = field(default_factory=list)
    _bench: Seat = field(default_factory=Seat)
    _generation: int = 0
    _started: int = 0
    _orders: list[Order] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._seats = [Seat() for _ in range(self.size)]

    # --- what can be seen -------------------------------------------------------------------------------------------

    @property
    def complete(self) -> bool:
        """Every slot has somebody who serves."""
        return all(seat.holder is not None and seat.holder.ready_at is not None for seat in self._seats)

    @property
    def rolling(self) -> bool:
        """Some still serve from before the last `roll`."""
        holders = (seat.holder for seat in self._seats)
        return any(holder is not None and holder.generation < self._generation for holder in holders)

    @property
    def finished(self) -> bool:
        return (self.stopping or self.hopeless) and not self.workers

    # --- what happened ----------------------------------------------------------------------------------------------

    def ready(self, worker: Worker, now: float) -> None:
        """It serves. An heir has taken over, and whoever was there before leaves."""
        if worker.told_at is not None or worker.slot is None:
            return
        worker.ready_at, self.proven = now, True
        seat = self._seats[worker.slot]
        if worker is seat.heir:
            before, seat.holder, seat.heir = seat.holder, worker, None
            if before is not None:
                self._tell(Act.HAND_OVER, before, now)

    def ended(self, worker: Worker, now: float, code: int) -> Loss:
        """`code` as `subprocess` has it: below zero a signal, and above zero it has said itself why it cannot."""
        self.workers.remove(worker)
        seat = self._bench if worker.slot is None else self._seats[worker.slot]
        if worker is seat.heir:
            seat.heir = None
            self._stay()
            return Loss.ROLL
        if worker is not seat.holder:
            return Loss.EXPECTED
        seat.holder, seat.heir = seat.heir, None
        lasted = worker.ready_at is not None and now - worker.ready_at >= self.patience.steady_s
        seat.failures = 0 if lasted else seat.failures + 1
        pause = self.patience.before_try(seat.failures)
        seat.not_before = now + pause
        if pause >= self.patience.deaf_s and worker.slot is not None and seat.holder is None:
            self._orders.append((Act.LEAVE_OUT, worker))
        self.hopeless = self.hopeless or (not self.proven and (code > 0 or seat.failures >= FIRST_TRIES))
        return Loss.EXPECTED if self.stopping else Loss.REPLACED

    def roll(self, now: float) -> None:
        """Everybody is to be replaced, one slot at a time, and nobody leaves before the other is ready."""
        self._generation += 1
        if (spare := self._bench.holder) is not None:
            self._bench.holder = None
            self._tell(Act.END, spare, now)

    def stop(self, now: float) -> None:
        """Everybody is to leave; a second time: to hurry."""
        self.stopping = True
        for worker in self.workers:
            if worker.told_at is None:
                self._tell(Act.END, worker, now)
            else:
                self._orders.append((Act.END, worker))

    # --- what to do -------------------------------------------------------------------------------------------------

    def step(self, now: float) -> list[Order]:
        """Orders that are due; each is given once."""
        self._kill_the_late(now)
        if not self.stopping and not self.hopeless:
            self._fill(now)
            self._replace_one(now)
            self._keep_a_spare(now)
        orders, self._orders = self._orders, []
        return orders

    def next_at(self) -> float | None:
        """When `step` will have something to do though nothing happened."""
        due = [deadline for worker in self.workers if (deadline := self._deadline(worker)) is not None]
        if not self.stopping and not self.hopeless:
            due += [seat.not_before for seat in (*self._seats, self._bench) if seat.holder is None and seat.failures]
        return min(due, default=None)

    def _fill(self, now: float) -> None:
        # Alone until one is ready: what is wrong with the settings is then said once.
        for slot, seat in enumerate(self._seats if self.proven else self._seats[:1]):
            if seat.holder is None and now >= seat.not_before:
                seat.holder = self._place(slot, now)

    def _replace_one(self, now: float) -> None:
        if not self.complete or any(seat.heir for seat in self._seats):
            return
        if any(worker.told_at is not None for worker in self.workers):
            return
        for slot, seat in enumerate(self._seats):
            if seat.holder is not None and seat.holder.generation < self._generation:
                seat.heir = self._start(slot, now)
                return

    def _keep_a_spare(self, now: float) -> None:
        if self.complete and not self.rolling and self._bench.holder is None and now >= self._bench.not_before:
            self._bench.holder = self._start(None, now)

    def _place(self, slot: int, now: float) -> Worker:
        spare = self._bench.holder
        if spare is None:
            return self._start(slot, now)
        self._bench.holder, self._bench.failures = None, 0
        spare.slot, spare.since = slot, now
        self._orders.append((Act.PLACE, spare))
        return spare

    def _start(self, slot: int | None, now: float) -> Worker:
        self._started += 1
        worker = Worker(self._started, slot, self._generation, now)
        self.workers.append(worker)
        self._orders.append((Act.START, worker))
        return worker

    def _stay(self) -> None:
        """The replacement could not start, so the others' could not either: whoever serves goes on."""
        for seat in self._seats:
            if seat.holder is not None:
                seat.holder.generation = self._generation

    def _tell(self, act: Act, worker: Worker, now: float) -> None:
        worker.told_at = now
        self._orders.append((act, worker))

    def _kill_the_late(self, now: float) -> None:
        for worker in self.workers:
            deadline = self._deadline(worker)
            if deadline is not None and now >= deadline:
                worker.killed = True
                self._orders.append((Act.KILL, worker))

    def _deadline(self, worker: Worker) -> float | None:
        if worker.killed:
            return None
        if worker.told_at is not None:
            return worker.told_at + self.patience.end_s
        if worker.slot is not None and worker.ready_at is None:
            return worker.since + self.patience.start_s
        return None
