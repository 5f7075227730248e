"""How a check ends: well, or with one of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Frame = dict[str, Any]


class Broken(Exception):
    """The server did what the protocol does not allow; the message says what."""


class Refused(Exception):
    """The server answered `err`, or HTTP with a problem."""

    def __init__(self, code: str, frame: Frame) -> None:
        super().__init__(code)
        self.code = code
        self.frame = frame


class Unreachable(Exception):
    """Nothing that could be checked answers there."""


@dataclass(frozen=True, slots=True)
class Result:
    """One check in one codec; `problem` is None where it passed."""

    name: str
    codec: str
    seconds: float
    problem: str | None


def require(met: object, otherwise: str) -> None:
    """Raises `Broken(otherwise)` unless `met`."""
    if not met:
        raise Broken(otherwise)


def equal(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise Broken(f"{what}: {_short(found)} instead of {_short(expected)}")


def fields(frame: Frame, **kinds: type | tuple[type, ...]) -> None:
    """Each field is there and of its type."""
    for name, kind in kinds.items():
        if name not in frame:
            raise Broken(f"{frame.get('t')} has no {name}")
        value = frame[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise Broken(f"{name} of {frame.get('t')} is {_short(value)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "…"
