"""What people may write into a room's own fields; everything else is `bad_request` with the field's name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from kernel.ids import DepartmentId
from kernel.refusals import Refusal
from kernel.text import clean_text, is_blank
from rooms.model import Policy, StaffReview, TrustPass

TITLE_MAX = 200
SUMMARY_MAX = 2_000
DEPARTMENTS_MAX = 12
SLOW_MS_MAX = 3_600_000
WHY_MAX = 200
_DAY_MS = 86_400_000
_PAST_MS = 366 * _DAY_MS  # a room may be entered after it was announced elsewhere
_FUTURE_MS = 3_660 * _DAY_MS
_REASON = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,31}")


def title_of(raw: object) -> str:
    """One visible line of 1–200 characters."""
    title = " ".join(clean_text(_text(raw, "title")).split())
    if is_blank(title) or len(title) > TITLE_MAX:
        raise Refusal("bad_request", field="title")
    return title


def summary_of(raw: object) -> str:
    summary = clean_text(_text(raw, "summary"))
    if len(summary) > SUMMARY_MAX:
        raise Refusal("bad_request", field="summary")
    return summary


def departments_of(raw: object) -> tuple[DepartmentId, ...]:
    """1–12 different ids; whether there are such departments is asked when the room is made."""
    if isinstance(raw, str) or not isinstance(raw, Sequence) or not 1 <= len(raw) <= DEPARTMENTS_MAX:
        raise Refusal("bad_request", field="departments")
    ids = tuple(DepartmentId(_id(one, "departments")) for one in raw)
    if len(set(ids)) != len(ids):
        raise Refusal("bad_request", field="departments")
    return ids


def lead_of(raw: object, departments: Sequence[DepartmentId]) -> DepartmentId | None:
    if raw is None:
        return None
    lead = DepartmentId(_id(raw, "lead"))
    if lead not in departments:
        raise Refusal("bad_request", field="lead")
    return lead


def starts_at_of(raw: object, now: int) -> int | None:
    if raw is None:
        return None
    if not _is_int(raw) or not now - _PAST_MS <= raw <= now + _FUTURE_MS:
        raise Refusal("bad_request", field="starts_at")
    return raw


def policy_changes(raw: object) -> dict[str, object]:
    """The known policy fields of `raw`, strictly typed; unknown ones are ignored (contract §4)."""
    if not isinstance(raw, Mapping):
        raise Refusal("bad_request", field="policy")
    return {name: check(raw[name], f"policy.{name}") for name, check in _POLICY.items() if name in raw}


def policy_of(raw: object) -> Policy:
    """The default policy with the given fields changed."""
    changes = policy_changes(raw)
    if "staff" in changes:
        changes["staff"] = StaffReview(str(changes["staff"]))
    if "trust" in changes:
        changes["trust"] = TrustPass(str(changes["trust"]))
    return replace(Policy(), **changes)  # type: ignore[arg-type]  # each field was checked by name just above


def reason_of(raw: object) -> str:
    """A reason is a code, so that it can be counted and translated; never a sentence."""
    reason = _text(raw, "reason")
    if not _REASON.fullmatch(reason):
        raise Refusal("bad_request", field="reason")
    return reason


def why_of(raw: object) -> str:
    """What somebody says of a change, for colleagues: one line of at most 200 characters, or nothing."""
    why = " ".join(clean_text(_text(raw, "why")).split())
    if len(why) > WHY_MAX:
        raise Refusal("bad_request", field="why")
    return why


def flag_of(raw: object, field: str) -> bool:
    if not isinstance(raw, bool):
        raise Refusal("bad_request", field=field)
    return raw


def vote_of(raw: object) -> int:
    if not _is_int(raw) or raw not in (-1, 0, 1):
        raise Refusal("bad_request", field="v")
    return raw


def _slow_ms(raw: object, field: str) -> int:
    if not _is_int(raw) or not 0 <= raw <= SLOW_MS_MAX:
        raise Refusal("bad_request", field=field)
    return raw


def _staff(raw: object, field: str) -> str:
    if not isinstance(raw, str) or raw not in list(StaffReview):
        raise Refusal("bad_request", field=field)
    return StaffReview(raw).value


def _trust(raw: object, field: str) -> str:
    if not isinstance(raw, str) or raw not in list(TrustPass):
        raise Refusal("bad_request", field=field)
    return TrustPass(raw).value


def _text(raw: object, field: str) -> str:
    if not isinstance(raw, str):
        raise Refusal("bad_request", field=field)
    return raw


def _id(raw: object, field: str) -> str:
    text = _text(raw, field)
    if not 1 <= len(text) <= 32 or not text.isprintable():
        raise Refusal("bad_request", field=field)
    return text


def _is_int(raw: object) -> TypeGuard[int]:
    # True and False are integers to Python and to nobody else.
    return isinstance(raw, int) and not isinstance(raw, bool)


_POLICY = {
    "premoderate": flag_of,
    "staff": _staff,
    "guests": flag_of,
    "before": flag_of,
    "after": flag_of,
    "slow_ms": _slow_ms,
    "trust": _trust,
    "two_person": flag_of,
}
