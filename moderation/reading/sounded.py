"""Finds terms written with other characters of the same sound (谐音)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.reading.characters import is_hanzi
from moderation.reading.ordinary import seldom
from moderation.reading.sounds import SOUNDS, code, sounds_like, syllables
from moderation.reading.standing import Form, Sighting, holds_together
from moderation.reading.views import hanzi
from moderation.reading.written import CANDIDATES_MAX, Find, form_of

# Of a term whose characters have several readings.
_READINGS_MAX: Final = 4


class Sounded:
    """Terms of two Chinese characters and more; shorter ones sound like too much."""

    def __init__(self, terms: Mapping[int, str]) -> None:
        patterns: list[str] = []
        self._owners: list[int] = []
        self._forms: dict[int, Form] = {}
        for name, term in terms.items():
            form = form_of(term)
            if len(form.text) < 2 or not all(map(is_hanzi, form.text)):
                continue
            self._forms[name] = form
            heard = _heard(form.text)
            patterns += heard
            self._owners += [name] * len(heard)
        self._automaton = AhoCorasick(patterns, matchkind=MatchKind.Standard) if patterns else None

    def find(self, source: str) -> Iterator[Find]:
        if self._automaton is None:
            return
        view = hanzi(source)
        found = self._automaton.find_matches_as_indexes(view.text.translate(SOUNDS), overlapping=True)
        for index, start, end in found[:CANDIDATES_MAX]:
            name = self._owners[index]
            sighting = Sighting(source, self._forms[name], view.text[start:end], view.runs[start:end])
            if heard_as_meant(sighting):
                yield name, sighting.start, sighting.end


def _heard(text: str) -> list[str]:
    """As its characters may be read, once each; nothing if one has no reading."""
    said = [dict.fromkeys(map(code, syllables(character))) for character in text]
    return list(islice(map("".join, product(*said)), _READINGS_MAX))


def heard_as_meant(sighting: Sighting) -> bool:
    """Ordinary words sound like terms all the time: what is meant stands outside of all of them."""
    differing = sighting.differing
    if not differing or not sighting.repeats_enough:
        return False
    length = len(sighting.found)
    if not (sighting.cut_out() and holds_together(sighting)):
        return False
    alone = [sighting.alone(index) for index in differing]
    if length == 2:
        return all(alone) and not sighting.across_ends and _plainly(sighting, differing)
    return all(one or sighting.inside(index) for one, index in zip(alone, differing, strict=True))


def _plainly(sighting: Sighting, differing: list[int]) -> bool:
    """Of two characters the sound must be the very same, and they must not be everyday words."""
    same = all(sounds_like(sighting.found[index], sighting.form.text[index]) for index in differing)
    return same and seldom("".join(sighting.found[index] for index in differing))
