"""Every way the domain says no. Codes live here; sentences are made at the edge, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Code:
    """One stable refusal: whether trying again can help, and what HTTP calls it."""

    name: str
    temporary: bool
    status: int


def _table(*codes: Code) -> Mapping[str, Code]:
    return MappingProxyType({code.name: code for code in codes})


# Source: contract §4 "Errors". The last group is HTTP's own: no socket frame carries it.
CODES = _table(
    Code("internal", True, 500),
    Code("unavailable", True, 503),
    Code("rate", True, 429),
    Code("queue_full", True, 503),
    Code("slow_mode", True, 429),
    Code("room_paused", True, 409),
    Code("bad_frame", False, 400),
    Code("too_large", False, 413),
    Code("unknown_command", False, 400),
    Code("unauthenticated", False, 401),
    Code("forbidden", False, 403),
    Code("expired", False, 401),
    Code("no_room", False, 404),
    Code("no_post", False, 404),
    Code("room_closed", False, 409),
    Code("conflict", False, 409),
    Code("stale_version", False, 409),
    Code("lease_lost", False, 409),
    Code("range_gone", False, 410),
    Code("muted", False, 403),
    Code("suspended", False, 403),
    Code("banned", False, 403),
    Code("device_stopped", False, 403),
    Code("address_stopped", False, 403),
    Code("too_many_rooms", False, 409),
    Code("appealed", False, 409),
    Code("own_ruling", False, 403),
    Code("decided", False, 409),
    Code("no_appeal", False, 404),
    Code("bad_credentials", False, 401),
    Code("bad_assertion", False, 401),
    Code("assertion_used", False, 409),
    Code("wrong_room", False, 403),
    Code("no_voucher", False, 404),
    Code("no_lookup", False, 404),
    Code("bad_state", False, 409),
    Code("bad_request", False, 400),
    Code("bad_csrf", False, 403),
    Code("bad_terms", False, 400),
    Code("no_department", False, 404),
    Code("no_invitation", False, 404),
    Code("no_source", False, 404),
    Code("shared_address", False, 409),
    Code("not_found", False, 404),
    Code("method_not_allowed", False, 405),
    Code("misdirected", False, 421),
)


class Refusal(Exception):
    """A command was understood and not carried out; `code` is one of `CODES`.

    `retry_ms` tells when a temporary refusal is worth trying again; `field` names the input at fault.
    """

    def __init__(self, code: str, *, retry_ms: int | None = None, field: str | None = None) -> None:
        super().__init__(code)
        self.code = CODES[code]
        self.retry_ms = retry_ms
        self.field = field

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and (self.code, self.retry_ms, self.field) == (
            other.code,
            other.retry_ms,
            other.field,
        )

    __hash__ = Exception.__hash__
