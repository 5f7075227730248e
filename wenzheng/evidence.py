"""`wenzheng moderation evidence verify`: whether the chains of sealed evidence are whole, beside a running server."""

from __future__ import annotations

from persistence.looking import FAULTS, NoStore, look, reason
from persistence.seals import check_seals


def verify(store_url: str) -> tuple[int, list[str]]:
    """The exit code, and what to say: each fault, and one line of sums."""
    try:
        found = look(store_url, check_seals)
    except NoStore as nothing:
        return 1, [str(nothing)]
    except FAULTS as fault:
        return 1, [f"the store cannot be read: {reason(fault)}"]
    verdict = "broken" if found.faults else "whole"
    sums = f"{found.rooms} chains, {found.entries} entries, {found.erased} texts erased since: {verdict}"
    return int(bool(found.faults)), [*found.faults, sums]
