"""Ids sort by time, never repeat, and their spoken codes can be spoken."""

from __future__ import annotations

from kernel.clock import FrozenClock
from kernel.ids import ID_LENGTH, CountingIds, MonotonicIds, spoken_code


def test_ids_of_one_process_increase_even_while_the_clock_stands_still() -> None:
    mint = MonotonicIds(FrozenClock())

    minted = [mint() for _ in range(1_000)]

    assert minted == sorted(minted)
    assert len(set(minted)) == 1_000


def test_ids_increase_when_the_clock_steps_back() -> None:
    clock = FrozenClock()
    mint = MonotonicIds(clock)
    before = mint()
    clock.advance(-60_000)

    assert mint() > before


def test_a_later_id_of_another_process_sorts_after() -> None:
    early, late = FrozenClock(), FrozenClock()
    late.advance(1)

    assert MonotonicIds(early)() < MonotonicIds(late)()


def test_ids_have_one_length_and_no_letter_that_reads_as_a_digit() -> None:
    for mint in (MonotonicIds(), CountingIds()):
        assert len(mint()) == ID_LENGTH
        assert not set(mint()) & set("ilou")


def test_counting_ids_are_predictable() -> None:
    assert [CountingIds()(), CountingIds()()] == ["1".rjust(26, "0")] * 2


def test_spoken_codes_have_nothing_to_mishear() -> None:
    heard = set("".join(spoken_code(8) for _ in range(500)))

    assert not heard & set("0O1IL")
    assert heard <= set("ABCDEFGHJKMNPQRSTUVWXYZ23456789")
