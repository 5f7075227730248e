"""Finds terms written with other characters of the same sound (谐音)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.reading.characters import ALL_HANZI, each_translated, plain
from moderation.reading.ordinary import is_word, seldom
from moderation.reading.sounds import SEVERAL, SOUNDS, code, sounds_like, syllables
from moderation.reading.standing import Sighting, holds_together
from moderation.reading.views import MIXED, drawn_together, hanzi
from moderation.reading.written import CANDIDATES_MAX, LOOKS_MAX, Find, TooMany, form_of

# Of a term whose characters have several readings.
_READINGS_MAX: Final = 4


class Sounded:
    """Terms of two Chinese characters and more; shorter ones sound like too much."""

    def __init__(self, terms: Mapping[int, str]) -> None:
        drawn = drawn_together("\n".join(each_translated(list(terms.values()), MIXED))).split("\n") if terms else []
        listed = [
            (name, term, text)
            for (name, term), text in zip(terms.items(), drawn, strict=True)
            if len(text) > 1 and ALL_HANZI.fullmatch(text)
        ]
        self._names = [name for name, *_ in listed]
        self._terms = [term for _, term, _ in listed]
        patterns = each_translated([text for *_, text in listed], SOUNDS)
        for name, term, text in listed:
            if not SEVERAL.isdisjoint(text):
                others = _heard(text)[1:]
                patterns += others
                self._names += [name] * len(others)
                self._terms += [term] * len(others)
        self._automaton = AhoCorasick(patterns, matchkind=MatchKind.Standard) if patterns else None

    def find(self, source: str) -> Iterator[Find]:
        """Raises `TooMany` after what it found."""
        if self._automaton is None:
            return
        view = hanzi(source)
        found = self._automaton.find_matches_as_indexes(view.text.translate(SOUNDS), overlapping=True)
        looks = 0
        for index, start, end in found[:CANDIDATES_MAX] if found else ():
            form = form_of(self._terms[index])
            text = view.text[start:end]
            if may_be_heard(text, form.text):
                looks += 1
                if looks > LOOKS_MAX:
                    raise TooMany
                sighting = Sighting(source, form, text, view.runs_of(start, end))
                if heard_as_meant(sighting):
                    yield self._names[index], sighting.start, sighting.end
        if len(found) > CANDIDATES_MAX:
            raise TooMany


def _heard(text: str) -> list[str]:
    """As its characters may be read, each usually read first; nothing if one has no reading."""
    said = [dict.fromkeys(map(code, syllables(character))) for character in text]
    return list(islice(map("".join, product(*said)), _READINGS_MAX))


def may_be_heard(text: str, meant: str) -> bool:
    """Whether something that sounds like a term is worth a closer look: cheap, for ordinary texts are full of it."""
    if len(text) != len(meant) or text == meant:
        return False
    differing = [index for index, here in enumerate(text) if here != meant[index]]
    if len(text) > 2:
        return True
    # Of two characters the sound must be the very same, and they must not be everyday words.
    return (
        seldom("".join(text[index] for index in differing))
        and not is_word(text)
        and all(sounds_like(text[index], meant[index]) for index in differing)
    )


def heard_as_meant(sighting: Sighting) -> bool:
    """Ordinary words sound like terms all the time: what is meant stands outside of all of them."""
    if sighting.far or not (sighting.repeats_enough and sighting.cut_out() and holds_together(sighting)):
        return False
    alone = {index: sighting.alone(index) for index in sighting.differing}
    if len(sighting.found) == 2:
        # With both written otherwise, nothing may stand between but marks.
        apart = len(alone) == 2 and any(plain(each) for seen in sighting.between.values() for each in seen)
        return all(alone.values()) and not (apart or sighting.across_ends)
    return all(one or sighting.inside(index) for index, one in alone.items())
