"""Texts within which a term does not count, found however they are written."""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.folding import fold
from moderation.wordlist import TOO_MANY, BadTerms, Hit


class Exceptions:
    """An immutable set of them, ready to match."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Raises `BadTerms` for a text of marks alone, which would match nothing."""
        phrases = []
        for text in texts:
            folded = fold(text).text
            if not folded:
                raise BadTerms(f"exception {text!r} has no letter or number to match")
            phrases.append(folded)
        self._phrases = AhoCorasick(phrases, matchkind=MatchKind.Standard) if phrases else None

    def outside(self, hits: list[Hit], body: str) -> list[Hit]:
        """The hits that do not lie within one; a body without hits costs nothing."""
        if not hits or self._phrases is None:
            return hits
        folded = fold(body)
        found = self._phrases.find_matches_as_indexes(folded.text, overlapping=True)
        spans = [folded.span(start, end) for _, start, end in found]
        return [
            hit
            for hit in hits
            if hit.term is TOO_MANY or not any(start <= hit.start and hit.end <= end for start, end in spans)
        ]


NO_EXCEPTIONS = Exceptions()
