"""Which changes of a policy let more through: to make a room stricter is anybody's at the desk, to loosen it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from rooms.model import Policy, StaffReview, TrustPass

_PASSES = tuple(TrustPass)  # from the fewest to the most
_LOOSER: Final[Mapping[str, Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        "premoderate": lambda was, now: was and not now,
        "staff": lambda was, now: was is StaffReview.REVIEW and now is StaffReview.AUTO,
        "guests": lambda was, now: now and not was,
        "before": lambda was, now: now and not was,
        "after": lambda was, now: now and not was,
        "slow_ms": lambda was, now: now < was,
        "trust": lambda was, now: _PASSES.index(now) > _PASSES.index(was),
        "two_person": lambda was, now: was and not now,
    }
)


def loosened(was: Policy, now: Policy) -> tuple[str, ...]:
    """The fields by which `now` lets more through than `was`; one that this table does not know is taken for such."""
    changed = ((name, getattr(was, name), getattr(now, name)) for name in Policy.__dataclass_fields__)
    return tuple(name for name, old, new in changed if old != new and _LOOSER.get(name, _always)(old, new))


def _always(was: object, now: object) -> bool:
    return True
