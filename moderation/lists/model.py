"""A list of a scope, as it stood from one change to the next: numbered, signed, explained and never altered."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from kernel.ids import RoomId, UserId
from moderation.lists.exceptions import Exceptions
from moderation.wordlist import BadTerms, Term, TermAction, parse_terms

# The list of all rooms; any other scope is a room's id and adds to it there.
CITY: Final = "city"
# A room's own list is for the words of one evening.
ROOM_TERMS_MAX: Final = 20_000
EXCEPTIONS_MAX: Final = 5_000
# Who signs what came from the settings' own file.
SETTINGS: Final = UserId("")
_STRENGTH = list(TermAction)


@dataclass(frozen=True, slots=True)
class ListHead:
    """The newest version of a scope."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a list says: its terms by their text, in order, and texts in which a term does not count."""

    terms: Mapping[str, Term]
    exceptions: tuple[str, ...] = ()

    def as_csv(self) -> str:
        """The one form a list is kept, compared and exported in."""
        out = io.StringIO(newline="")
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("term", "category", "action", "match"))
        for term in self.terms.values():
            rows.writerow((term.text, term.category or "", term.action.value, "+".join(sorted(term.match))))
        return out.getvalue()

    def as_text(self) -> str:
        """The terms alone, one a line."""
        return "".join(f"{text}\n" for text in self.terms)


@dataclass(frozen=True, slots=True)
class ListVersion:
    """`number` counts from 1 in its scope. `terms` is CSV, `exceptions` one a line; both "" where only told about."""

    scope: str
    number: int
    by: UserId
    by_name: str
    at: int
    reason: str
    count: int
    exception_count: int
    digest: str
    terms: str = ""
    exceptions: str = ""

    def to_wire(self) -> dict[str, object]:
        """Who, when and why; never the terms."""
        return {
            "scope": self.scope,
            "number": self.number,
            "by": {"id": self.by, "name": self.by_name},
            "at": self.at,
            "reason": self.reason,
            "count": self.count,
            "exception_count": self.exception_count,
            "digest": self.digest,
        }


NOTHING: Final = Written({})


def read_written(terms: str, exceptions: str = "") -> Written:
    """A list as somebody wrote it, as text or CSV. Raises `BadTerms`, naming the line.

    A term listed twice keeps the stronger action, as in the matcher.
    """
    kept: dict[str, Term] = {}
    for term in parse_terms(terms):
        known = kept.get(term.text)
        if known is None or _STRENGTH.index(term.action) < _STRENGTH.index(known.action):
            kept[term.text] = term
    excepted = tuple(dict.fromkeys(line.strip() for line in exceptions.splitlines() if line.strip()))
    return Written(kept, excepted)


def check_size(scope: str, written: Written) -> None:
    """Raises `BadTerms` for more than the scope may hold."""
    if scope != CITY and len(written.terms) > ROOM_TERMS_MAX:
        raise BadTerms(f"more than {ROOM_TERMS_MAX} terms for one room")
    if len(written.exceptions) > EXCEPTIONS_MAX:
        raise BadTerms(f"more than {EXCEPTIONS_MAX} exceptions")
    Exceptions(written.exceptions)


def digest_of(written: Written, terms: str | None = None) -> str:
    """`terms` is the list's CSV, where it is at hand already."""
    said = (written.as_csv() if terms is None else terms, *written.exceptions)
    return sha256("\0".join(said).encode()).hexdigest()


def room_of(scope: str) -> RoomId | None:
    return None if scope == CITY else RoomId(scope)
