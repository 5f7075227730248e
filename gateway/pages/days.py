"""The calendar strip of the first page: the days of a week or a month, in the city's time, with their sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gateway import i18n

_YEARS = range(2000, 2100)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole weeks, `first` a Monday, and where the arrows lead. `month` is its first day where a month is shown."""

    first: date
    last: date
    month: date | None = None

    @property
    def since(self) -> int:
        return start_of(self.first)

    @property
    def until(self) -> int:
        return start_of(self.last + timedelta(days=1))

    @property
    def before(self) -> str:
        if self.month is None:
            return (self.first - _WEEK).isoformat()
        return f"{self.month - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        if self.month is None:
            return (self.first + _WEEK).isoformat()
        return f"{self.month + timedelta(days=31):%Y-%m}"


@dataclass(frozen=True, slots=True)
class Day:
    iso: str
    number: int
    at: int  # its first millisecond, for whoever writes dates
    sessions: int
    today: bool
    chosen: bool
    outside: bool  # of another month than the one shown


def city_day(ms: int) -> date:
    return i18n.moment(ms).date()


def start_of(day: date) -> int:
    """The first millisecond of the day in the city."""
    return int(datetime.combine(day, time(), i18n.CITY_TIME).timestamp() * 1000)


def day_of(text: str | None) -> date | None:
    """`2015-11-18`; None for anything else, also for a year nobody means."""
    return _parsed(text, 10, "%Y-%m-%d")


def month_of(text: str | None) -> date | None:
    """The first day of `2015-11`."""
    return _parsed(text, 7, "%Y-%m")


def week_around(day: date) -> Span:
    first = day - timedelta(days=day.weekday())
    return Span(first, first + timedelta(days=6))


def weeks_of(month: date) -> Span:
    """The whole weeks in which the month lies."""
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Span(week_around(month).first, week_around(last).last, month)


def days_of(span: Span, moments: Iterable[int], today: date, chosen: date | None) -> list[Day]:
    sessions = Counter(city_day(moment) for moment in moments)
    days = [span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1)]
    return [
        Day(
            iso=day.isoformat(),
            number=day.day,
            at=start_of(day),
            sessions=sessions[day],
            today=day == today,
            chosen=day == chosen,
            outside=span.month is not None and day.month != span.month.month,
        )
        for day in days
    ]


def _parsed(text: str | None, length: int, form: str) -> date | None:
    if text is None or len(text) != length:
        return None
    try:
        found = datetime.strptime(text, form).replace(tzinfo=i18n.CITY_TIME).date()
    except ValueError:
        return None
    return found if found.year in _YEARS else None
