"""When somebody is to be called: pure, from the queue's figures and who is on duty."""

from __future__ import annotations

import pytest

from moderation.alarms import UNATTENDED_AFTER_MS, Alarm, raised
from moderation.queue_health import BACKLOG_LINE, MINUTE_MS, OLDEST_LINE_MS, Decided, health_of

NOW = 1_446_339_600_000


def waiting(*since_ms: int, decided: bool = False) -> set[Alarm]:
    """Raised, with nobody on duty, where so much waits."""
    lately = [Decided(NOW - MINUTE_MS, NOW, "m1")] if decided else []
    return raised(health_of(NOW, [NOW - ago for ago in since_ms], lately), 0, set())


@pytest.mark.parametrize(
    ("found", "alarms"),
    [
        (waiting(), set()),
        (waiting(UNATTENDED_AFTER_MS - 1), set()),
        (waiting(UNATTENDED_AFTER_MS), {Alarm.UNATTENDED}),
        (waiting(UNATTENDED_AFTER_MS, decided=True), set()),
        (waiting(OLDEST_LINE_MS, decided=True), set()),
        (waiting(OLDEST_LINE_MS + 1, decided=True), {Alarm.BEHIND}),
        (waiting(*[0] * BACKLOG_LINE), set()),
        (waiting(*[0] * (BACKLOG_LINE + 1)), {Alarm.BEHIND}),
        (waiting(OLDEST_LINE_MS + 1), {Alarm.BEHIND, Alarm.UNATTENDED}),
    ],
)
def test_an_alarm_is_raised_from_its_line_on(found: set[Alarm], alarms: set[Alarm]) -> None:
    assert found == alarms


def test_who_is_on_duty_is_not_called() -> None:
    assert raised(health_of(NOW, [NOW - UNATTENDED_AFTER_MS], []), 1, set()) == set()


def test_an_alarm_ends_a_quarter_below_its_line() -> None:
    near, far = health_of(NOW, [NOW] * 31, []), health_of(NOW, [NOW] * 30, [])
    assert raised(near, 1, set()) == set()
    assert raised(near, 1, {Alarm.BEHIND}) == {Alarm.BEHIND}
    assert raised(far, 1, {Alarm.BEHIND}) == set()
    # Somebody has to come; that the oldest was taken back ends nothing.
    assert raised(near, 0, {Alarm.UNATTENDED}) == {Alarm.UNATTENDED}
