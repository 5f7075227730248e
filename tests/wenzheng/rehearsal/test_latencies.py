"""How long things took."""

from __future__ import annotations

from wenzheng.rehearsal.latencies import MAX_MS, Latencies


def test_percentiles_are_of_all_that_was_counted() -> None:
    taken = Latencies()
    for ms in range(1, 101):
        taken.add(ms / 1000 + 0.0001)
    assert [taken.percentile(share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert taken.count == 100


def test_nothing_counted_is_nothing_and_what_takes_for_ever_has_a_place() -> None:
    taken = Latencies()
    assert taken.percentile(0.99) == 0
    taken.add(1e9)
    assert taken.percentile(0.5) == MAX_MS
