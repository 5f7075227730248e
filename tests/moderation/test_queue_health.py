"""What a desk is told of its queue: how long, how many, how fast, and when that is too much."""

from __future__ import annotations

from moderation.queue_health import BACKLOG_LINE, MINUTE_MS, OLDEST_LINE_MS, Decided, health_of

NOW = 1_446_339_600_000


def ago(minutes: float) -> int:
    return NOW - round(minutes * MINUTE_MS)


def test_a_queue_at_rest_says_so() -> None:
    health = health_of(NOW, [], [])
    assert (health.waiting, health.oldest_ms, health.wait_p50_ms, health.wait_p95_ms) == (0, None, None, None)
    assert (health.arrived, health.decided, set(health.line), health.over) == ((0, 0), (0, 0), {0}, False)


def test_waits_rates_and_the_line_of_the_last_half_hour() -> None:
    decided = [Decided(ago(20), ago(19), "m1"), Decided(ago(10), ago(6), "m2"), Decided(ago(4), ago(2), "m1")]
    health = health_of(NOW, [ago(3), ago(1)], decided)
    assert (health.waiting, health.oldest_ms) == (2, 3 * MINUTE_MS)
    assert (health.wait_p50_ms, health.wait_p95_ms) == (2 * MINUTE_MS, 4 * MINUTE_MS)
    assert (health.arrived, health.decided) == ((3, 5), (1, 3))
    assert health.on_duty == ("m1", "m2")
    # At each minute from half an hour ago: one waited from 20 to 19, one from 10 to 6, and so on.
    by_minute = dict(zip(range(30, -1, -1), health.line, strict=True))
    assert [by_minute[at] for at in (30, 20, 19, 10, 8, 6, 4, 3, 2, 1, 0)] == [0, 1, 0, 1, 1, 0, 1, 2, 1, 2, 2]


def test_too_many_or_too_long_is_over_the_line() -> None:
    assert not health_of(NOW, [NOW] * BACKLOG_LINE, []).over
    assert health_of(NOW, [NOW] * (BACKLOG_LINE + 1), []).over
    assert health_of(NOW, [NOW - OLDEST_LINE_MS - 1], []).over
