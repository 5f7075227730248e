"""Why a post was held or refused, as its own author is told: less than moderators see, so that none learns evasion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

_PLACE: Final = ("from", "to")
# By phase: what is told besides the rule. A phase that is not here (trust, hook, plug-in) is not told at all.
_TOLD: Final[Mapping[str, Sequence[str]]] = {
    "length": ("category",),
    "personal": ("category", *_PLACE),
    "links": ("category", *_PLACE),
    "repetition": ("category",),
    "premoderation": (),
    "wordlist": (),
}
# What only the post's own text or the author's own earlier ones show; others' posts (burst, alike) are not told of.
_OWN_REPETITION: Final = frozenset({"duplicate", "flood", "run"})


def told_to_author(reasons: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of reasons in the form of `Reason.to_wire`: `{phase, category?, from?, to?, rule?}`, none twice.

    Never a listed term, its place or a list's version. Where the room's own rule holds the post, the word list is not
    named: its hit may be one that only flags.
    """
    every = list(reasons)
    held_anyway = any(reason["phase"] == "premoderation" for reason in every)
    told: list[dict[str, Any]] = []
    for reason in every:
        shown = _shown(reason, held_anyway=held_anyway)
        if shown is not None and shown not in told:
            told.append(shown)
    return told


def _shown(reason: Mapping[str, Any], *, held_anyway: bool) -> dict[str, Any] | None:
    phase = reason["phase"]
    if phase not in _TOLD or (phase == "wordlist" and held_anyway):
        return None
    if phase == "repetition" and reason.get("category") not in _OWN_REPETITION:
        return None
    return {"phase": phase, **{name: reason[name] for name in (*_TOLD[phase], "rule") if reason.get(name) is not None}}
