"""Term lists: loaded from text or CSV, matched in one pass over the folded text, found where they stand in the body."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.folding import Folded, fold

TERMS_MAX = 200_000
TERM_LENGTH_MAX = 100
FILE_BYTES_MAX = 16 * 1024 * 1024
HITS_MAX = 200
_HEADER = ["term", "category", "action", "match"]
_MATCHES = frozenset({"plain", "sound", "split"})
# A term is not read across these unless all of it is broken up so.
_BREAKS = frozenset("。！？；：，,!?;:\n")


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


class BadTerms(ValueError):
    """A list that cannot be used; the message names the line."""


class WordList:
    """An immutable list, ready to match."""

    def __init__(self, terms: Iterable[Term]) -> None:
        kept: dict[str, Term] = {}
        for term in terms:
            folded = fold(term.text).text
            if not folded:
                raise BadTerms(f"term {term.text!r} has no letter or number to match")
            known = kept.get(folded)
            if known is None or _ORDER.index(term.action) < _ORDER.index(known.action):
                kept[folded] = term
            if len(kept) > TERMS_MAX:
                raise BadTerms(f"more than {TERMS_MAX} terms")
        self.terms = tuple(kept.values())
        # Where a term itself is written apart ("free taxi"), its parts may stand apart.
        self._own_gaps = tuple(frozenset(_gaps(fold(term.text), 0, None)) for term in self.terms)
        self._automaton = AhoCorasick(kept.keys(), matchkind=MatchKind.Standard) if kept else None

    def __len__(self) -> int:
        return len(self.terms)

    def find(self, body: str) -> list[Hit]:
        """In order of appearance; what lies within an at least as strong longer hit is left out."""
        if self._automaton is None:
            return []
        folded = fold(body)
        hits: list[Hit] = []
        for index, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
            if _stands_alone(folded, start, end) and self._holds_together(index, folded, body, start, end):
                hits.append(Hit(self.terms[index], *folded.span(start, end)))
                if len(hits) == HITS_MAX:
                    break
        return list(_outermost(hits))

    def _holds_together(self, index: int, folded: Folded, body: str, start: int, end: int) -> bool:
        """Whether the characters between the term's own are a disguise, not the end of one word and the next."""
        gaps = _gaps(folded, start, end)
        broken = [gap for gap in gaps if gap not in self._own_gaps[index] and _breaks(folded, body, start + gap)]
        return not broken or (end - start >= 3 and len(gaps) == end - start - 1)

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
    if action not in ("", *_ORDER):
        raise BadTerms(f"line {line}: action {action!r} is none of {' '.join(_ORDER)}")
    kinds = frozenset(match.split("+")) if match else frozenset({"plain"})
    if not kinds <= _MATCHES:
        raise BadTerms(f"line {line}: match {match!r} is none of {' '.join(sorted(_MATCHES))}, joined with +")
    return Term(text, category or None, TermAction(action) if action else TermAction.HOLD, kinds)


def _gaps(folded: Folded, start: int, end: int | None) -> list[int]:
    """After which characters of the stretch something was left out, counted from its start."""
    origin = folded.origin[start:end]
    return [index for index in range(len(origin) - 1) if origin[index + 1] - origin[index] > 1]


def _breaks(folded: Folded, body: str, index: int) -> bool:
    """Whether what was left out after `index` ends a word: any gap between Latin letters, else a sentence mark."""
    if _latin(folded.text[index]) and _latin(folded.text[index + 1]):
        return True
    between = body[folded.origin[index] + 1 : folded.origin[index + 1]]
    return not _BREAKS.isdisjoint(between)


def _stands_alone(folded: Folded, start: int, end: int) -> bool:
    """Latin words and numbers match whole: neither `av` in "travel" nor 88 in 1988."""
    return not (_runs_on(folded, start - 1) or _runs_on(folded, end - 1))


def _runs_on(folded: Folded, index: int) -> bool:
    if index < 0 or index + 1 >= len(folded.text) or folded.origin[index + 1] - folded.origin[index] > 1:
        return False
    here, following = folded.text[index], folded.text[index + 1]
    return (_latin(here) and _latin(following)) or (here.isdecimal() and following.isdecimal())


def _latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


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
