"""Who is started, replaced, told to leave and killed, and when: decided without a process or a clock."""

from __future__ import annotations

import pytest

from wenzheng.fleet import FIRST_TRIES, Act, Fleet, Loss, Patience, Worker

END_S, START_S, STEADY_S = 5.0, 60.0, 10.0
KILLED = -9


class Play:
    """A fleet, its orders as they come, and a clock that stands until told otherwise."""

    def __init__(self, size: int = 2) -> None:
        self.fleet = Fleet(size, Patience(end_s=END_S, start_s=START_S, steady_s=STEADY_S))
        self.now = 100.0

    def orders(self) -> list[tuple[Act, int | None]]:
        return [(act, worker.slot) for act, worker in self.fleet.step(self.now)]

    def started(self) -> Worker:
        """The one worker ordered now."""
        ((act, worker),) = self.fleet.step(self.now)
        assert act is Act.START
        return worker

    def ready(self, worker: Worker) -> None:
        self.fleet.ready(worker, self.now)

    def dies(self, worker: Worker, code: int = KILLED) -> Loss:
        return self.fleet.ended(worker, self.now, code)

    def complete(self) -> list[Worker]:
        """Everybody serves; the spare is the last."""
        workers: list[Worker] = []
        while fresh := [worker for _, worker in self.fleet.step(self.now)]:
            workers += fresh
            for worker in fresh:
                self.ready(worker)
        assert [worker.slot for worker in workers] == [*range(self.fleet.size), None]
        return workers


def test_the_first_starts_alone_and_the_others_follow_when_it_serves() -> None:
    play = Play(size=3)

    assert play.orders() == [(Act.START, 0)]
    assert play.orders() == []
    play.ready(play.fleet.workers[0])
    assert play.orders() == [(Act.START, 1), (Act.START, 2)]


def test_once_everybody_serves_a_spare_is_loaded_and_only_one() -> None:
    play = Play()
    play.complete()

    assert play.fleet.complete
    assert play.orders() == []


def test_one_that_dies_is_replaced_by_the_spare_in_the_same_moment() -> None:
    play = Play()
    _, second, spare = play.complete()
    play.now += STEADY_S

    assert play.dies(second) is Loss.REPLACED
    assert play.orders() == [(Act.PLACE, 1)]
    assert spare.slot == 1

    # And when the spare serves, there is another.
    play.ready(spare)
    assert play.orders() == [(Act.START, None)]


def test_without_a_spare_a_new_one_is_started_in_the_same_moment() -> None:
    play = Play()
    first, second, spare = play.complete()
    play.dies(first)
    play.dies(second)

    assert play.orders() == [(Act.PLACE, 0), (Act.START, 1)]
    assert spare.slot == 0


def test_one_that_dies_again_and_again_is_started_less_and_less_often_and_for_ever() -> None:
    play = Play()
    _, second, victim = play.complete()
    play.now += STEADY_S
    play.dies(second)
    play.orders()

    pauses: list[float] = []
    left_out: list[bool] = []
    for _ in range(12):
        died_at = play.now
        play.dies(victim)
        orders = play.fleet.step(play.now)
        left_out.append(Act.LEAVE_OUT in {act for act, _ in orders})
        while not (started := [worker for act, worker in orders if act is Act.START]):
            due = play.fleet.next_at()
            assert due is not None
            assert due > play.now
            play.now = due
            orders = play.fleet.step(play.now)
        (victim,) = started
        pauses.append(play.now - died_at)

    assert pauses[:2] == [0, pytest.approx(0.25)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(5.0)
    # While nobody would come for a second or more, visitors are sent elsewhere.
    assert left_out == [pause >= 1.0 for pause in pauses]
    assert not play.fleet.hopeless


def test_a_long_life_wipes_out_what_was_before() -> None:
    play = Play()
    first, _, spare = play.complete()
    play.dies(first)
    play.orders()
    play.ready(spare)
    play.orders()
    play.now += STEADY_S

    play.dies(spare)

    assert (Act.PLACE, 0) in play.orders()


def test_a_worker_that_says_why_it_cannot_start_ends_the_first_start_at_once() -> None:
    play = Play()
    play.dies(play.started(), code=1)

    assert play.fleet.hopeless
    assert play.orders() == []
    assert play.fleet.finished


def test_a_first_start_killed_from_outside_is_tried_again_but_not_for_ever() -> None:
    play = Play()
    for left in reversed(range(FIRST_TRIES)):
        worker = play.started()
        play.dies(worker)
        assert play.fleet.hopeless is (left == 0)
        play.now += 60

    assert play.fleet.finished


def test_once_one_has_served_nothing_is_hopeless() -> None:
    play = Play()
    workers = play.complete()
    for worker in workers:
        play.dies(worker, code=1)

    assert not play.fleet.hopeless
    assert play.orders() == [(Act.START, 0), (Act.START, 1)]


def test_a_rolling_restart_replaces_one_after_the_other_and_nobody_leaves_too_early() -> None:
    play = Play()
    first, _, spare = play.complete()

    # The spare was loaded before, so it is of no use now.
    play.fleet.roll(play.now)
    assert play.orders() == [(Act.END, None)]
    assert play.orders() == []
    assert play.dies(spare, code=-15) is Loss.EXPECTED

    # One more process, in the first slot; the one there goes on until the other serves.
    heir = play.started()
    assert heir.slot == 0
    assert first.told_at is None
    play.ready(heir)
    assert play.orders() == [(Act.HAND_OVER, 0)]

    # The next slot waits until the first one's has gone.
    assert play.orders() == []
    play.dies(first, code=0)
    other = play.started()
    assert other.slot == 1
    play.ready(other)
    assert not play.fleet.rolling
    assert play.orders() == [(Act.HAND_OVER, 1), (Act.START, None)]


def test_a_rolling_restart_whose_first_cannot_start_is_given_up_and_everybody_stays() -> None:
    play = Play()
    first, second, spare = play.complete()
    play.fleet.roll(play.now)
    play.orders()
    play.dies(spare, code=-15)
    heir = play.started()

    assert play.dies(heir, code=1) is Loss.ROLL

    assert not play.fleet.rolling
    assert play.orders() == [(Act.START, None)]
    assert (first.told_at, second.told_at) == (None, None)


def test_one_that_dies_while_its_heir_starts_is_replaced_by_it() -> None:
    play = Play()
    first, _, spare = play.complete()
    play.fleet.roll(play.now)
    play.orders()
    play.dies(spare, code=-15)
    heir = play.started()

    assert play.dies(first) is Loss.REPLACED
    assert play.orders() == []
    play.ready(heir)

    # Nobody is left to hand over to it; the other slot is next.
    assert play.orders() == [(Act.START, 1)]


def test_a_second_request_while_rolling_replaces_the_new_ones_too() -> None:
    play = Play(size=1)
    first, spare = play.complete()
    play.fleet.roll(play.now)
    play.orders()
    play.dies(spare, code=-15)
    heir = play.started()
    play.fleet.roll(play.now)
    play.ready(heir)
    assert play.orders() == [(Act.HAND_OVER, 0)]
    play.dies(first, code=0)

    assert play.fleet.rolling
    assert play.orders() == [(Act.START, 0)]


def test_a_stop_tells_everybody_once_and_kills_who_is_late_once() -> None:
    play = Play()
    first, second, spare = play.complete()
    play.fleet.stop(play.now)
    assert play.orders() == [(Act.END, 0), (Act.END, 1), (Act.END, None)]
    assert play.orders() == []

    play.dies(first, code=0)
    play.dies(spare, code=-15)
    assert not play.fleet.finished
    assert play.fleet.next_at() == play.now + END_S
    play.now += END_S
    assert play.orders() == [(Act.KILL, 1)]
    assert play.orders() == []
    play.dies(second)

    assert play.fleet.finished


def test_a_second_stop_hurries_everybody() -> None:
    play = Play()
    play.complete()
    play.fleet.stop(play.now)
    play.orders()
    play.fleet.stop(play.now)

    assert play.orders() == [(Act.END, 0), (Act.END, 1), (Act.END, None)]


def test_one_that_is_never_ready_is_killed_and_replaced() -> None:
    play = Play()
    worker = play.started()
    assert play.fleet.next_at() == play.now + START_S
    play.now += START_S

    assert play.orders() == [(Act.KILL, 0)]
    play.dies(worker)
    assert play.orders() == [(Act.START, 0)]


def test_one_told_to_leave_is_not_ready_any_more() -> None:
    play = Play()
    worker = play.started()
    play.fleet.stop(play.now)
    play.ready(worker)

    assert not play.fleet.complete
    assert play.orders() == [(Act.END, 0)]
