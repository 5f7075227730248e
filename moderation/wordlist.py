"""Term lists: loaded from text or CSV, matched in one pass over the folded text, found where they stand in the body."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.folding import each_folded, fold
from moderation.reading.composed import Composed
from moderation.reading.sounded import Sounded
from moderation.reading.spelled import Spelled
from moderation.reading.views import ways_to_see
from moderation.reading.written import TooMany, Written, likest_of

TERMS_MAX = 200_000
TERM_LENGTH_MAX = 100
# It stands with every post that it holds, and in a label on the card.
CATEGORY_LENGTH_MAX = 32
FILE_BYTES_MAX = 16 * 1024 * 1024
# Of each action.
HITS_MAX = 200
_HEADER = ["term", "category", "action", "match"]
_MATCHES = frozenset({"plain", "sound", "split"})


class TermAction(StrEnum):
    """From strongest to weakest: a term listed twice keeps the stronger."""

    REFUSE = "refuse"
    HOLD = "hold"
    FLAG = "flag"
    MASK = "mask"


_ORDER = list(TermAction)


@dataclass(frozen=True, slots=True)
class Term:
    """`match` names the kinds of variants meant; every kind includes the plain writing."""

    text: str
    category: str | None = None
    action: TermAction = TermAction.HOLD
    match: frozenset[str] = frozenset({"plain"})


@dataclass(frozen=True, slots=True)
class Hit:
    """`term` stands at `start..end` of the body, in whatever writing."""

    term: Term
    start: int
    end: int


# In place of what was not looked at, because the text has too much that may be a term: no list has it, and no exception
# excuses it.
TOO_MANY = Term("", "too_many", TermAction.HOLD)


class BadTerms(ValueError):
    """A list that cannot be used; the message names the line."""


class WordList:
    """An immutable list, ready to match."""

    def __init__(self, terms: Iterable[Term], exceptions: Iterable[str] = (), *, likest: int | None = None) -> None:
        """What lies within one of the `exceptions` is no hit.

        `likest` look-alikes of each character are looked for in its place; by itself as many as there is room for.
        """
        listed = list(terms)
        kept: dict[str, Term] = {}
        for term, folded in zip(listed, each_folded([_line(term.text) for term in listed]), strict=True):
            if not folded:
                raise BadTerms(f"term {term.text!r} has no letter or number to match")
            known = kept.get(folded)
            if known is None or _ORDER.index(term.action) < _ORDER.index(known.action):
                kept[folded] = term
            if len(kept) > TERMS_MAX:
                raise BadTerms(f"more than {TERMS_MAX} terms")
        self.terms = tuple(kept.values())
        self.exceptions = tuple(exceptions)
        self._finders = _finders(self.terms, room_for_likest(self.terms) if likest is None else likest)
        phrases = [folded for phrase in self.exceptions if (folded := fold(phrase).text)]
        self._allowed = AhoCorasick(phrases, matchkind=MatchKind.Standard) if phrases else None

    def __len__(self) -> int:
        return len(self.terms)

    def find(self, body: str) -> list[Hit]:
        """In order of appearance; what lies within an at least as strong longer hit is left out.

        Where not everything could be looked at or told, the first hit is of `TOO_MANY`, over the whole body.
        """
        hits: list[Hit] = []
        room: dict[TermAction, int] = {}
        too_many = False
        for finder, seen in product(self._finders, ways_to_see(body)):
            try:
                for name, start, end in finder.find(seen):
                    term = self.terms[name]
                    left = room.get(term.action, HITS_MAX)
                    if left:
                        room[term.action] = left - 1
                        hits.append(Hit(term, start, end))
                    elif term.action is not TermAction.FLAG:
                        # It may be the one that no exception excuses, or a name that nobody would cover.
                        too_many = True
            except TooMany:
                too_many = True
        if hits:
            hits = list(_outermost(self._meant(body, hits)))
        return [Hit(TOO_MANY, 0, len(body)), *hits] if too_many else hits

    def _meant(self, body: str, hits: list[Hit]) -> list[Hit]:
        """Those outside the exceptions."""
        if self._allowed is None:
            return hits
        folded = fold(body)
        found = self._allowed.find_matches_as_indexes(folded.text, overlapping=True)
        spans = [folded.span(start, end) for _, start, end in found]
        return [hit for hit in hits if not any(start <= hit.start and hit.end <= end for start, end in spans)]

    @classmethod
    def parse(cls, text: str) -> WordList:
        """A term a line, or CSV with the header `term,category,action,match`."""
        return cls(parse_terms(text))

    @classmethod
    def load(cls, path: Path) -> WordList:
        """Raises `BadTerms`, naming the file and the line, or OSError."""
        raw = path.read_bytes()
        if len(raw) > FILE_BYTES_MAX:
            raise BadTerms(f"{path}: larger than {FILE_BYTES_MAX} bytes")
        try:
            return cls.parse(raw.decode("utf-8"))
        except UnicodeDecodeError as failure:
            line = raw.count(b"\n", 0, failure.start) + 1
            raise BadTerms(f"{path}: line {line}: not UTF-8") from None
        except BadTerms as failure:
            raise BadTerms(f"{path}: {failure}") from None


def _line(text: str) -> str:
    return text.replace("\n", " ")


def room_for_likest(terms: Collection[Term]) -> int:
    """How many look-alikes of each character a list has room for: of a long one none but those of one main part."""
    return likest_of(sum(len(term.text) for term in terms))


def _finders(terms: tuple[Term, ...], likest: int) -> tuple[Written | Sounded | Spelled | Composed, ...]:
    """Those the terms ask for: what nobody marked costs nothing."""
    sound = {name: _line(term.text) for name, term in enumerate(terms) if "sound" in term.match}
    split = {name: _line(term.text) for name, term in enumerate(terms) if "split" in term.match}
    finders: list[Written | Sounded | Spelled | Composed] = []
    if terms:
        finders.append(Written(dict(enumerate(_line(term.text) for term in terms)), likest))
    if sound:
        finders += [Sounded(sound), Spelled(sound)]
    if split:
        finders.append(Composed(split))
    return tuple(finders)


NO_WORDS = WordList(())


def parse_terms(text: str) -> Iterator[Term]:
    """The terms of a list as it is written, in its order, without building anything. Raises `BadTerms`."""
    return _parse(text.removeprefix("\ufeff"))


def _parse(text: str) -> Iterator[Term]:
    first = text.split("\n", 1)[0].strip().lower().split(",")
    if first[0] == "term" and len(first) > 1:
        if first != _HEADER[: len(first)]:
            raise BadTerms(f"line 1: the header of a list of terms is {','.join(_HEADER)}")
        yield from _parse_csv(text)
        return
    for line, written in enumerate(text.splitlines(), start=1):
        if written.strip():
            yield _term(line, written.strip(), "", "", "")


def _parse_csv(text: str) -> Iterator[Term]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        next(rows)
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) > len(_HEADER):
                raise BadTerms(f"line {rows.line_num}: {len(cells)} columns, at most {len(_HEADER)} expected")
            term, category, action, match = (*cells, "", "", "")[:4]
            yield _term(rows.line_num, term, category, action, match)
    except csv.Error as failure:
        raise BadTerms(f"line {rows.line_num}: {failure}") from None


def _term(line: int, text: str, category: str, action: str, match: str) -> Term:
    if not fold(text).text:
        raise BadTerms(f"line {line}: term {text!r} has no letter or number to match")
    if len(text) > TERM_LENGTH_MAX:
        raise BadTerms(f"line {line}: term longer than {TERM_LENGTH_MAX} characters")
    if len(category) > CATEGORY_LENGTH_MAX:
        raise BadTerms(f"line {line}: category longer than {CATEGORY_LENGTH_MAX} characters")
    if action not in ("", *_ORDER):
        raise BadTerms(f"line {line}: action {action!r} is none of {' '.join(_ORDER)}")
    kinds = frozenset(match.split("+")) if match else frozenset({"plain"})
    if not kinds <= _MATCHES:
        raise BadTerms(f"line {line}: match {match!r} is none of {' '.join(sorted(_MATCHES))}, joined with +")
    return Term(text, category or None, TermAction(action) if action else TermAction.HOLD, kinds)


def _outermost(hits: list[Hit]) -> Iterator[Hit]:
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[Hit] = []
    for hit in hits:
        if not any(
            other.end >= hit.end and _ORDER.index(other.term.action) <= _ORDER.index(hit.term.action)
            for other in kept[-8:]
        ):
            kept.append(hit)
            yield hit
