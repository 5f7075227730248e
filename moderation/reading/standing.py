"""Whether what was found is the term in disguise, or ordinary words that happen to touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moderation.reading.characters import is_hanzi, is_invisible, plain
from moderation.reading.ordinary import Words, seldom, words

# Where a sentence or a part of one ends.
_ENDS: Final = frozenset("。！？；：，、,!?;:.\n\r")
# Between Latin letters these join or list words.
_JOINS: Final = frozenset("-/&+'’\"“”()（）\\=、@")
# So many letters or digits between two characters are a text of their own.
_STRANGERS_MAX: Final = 4

Run = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Form:
    """What a term looks like where it stands: `text` without repetitions, `counts` where it has some itself,

    `gaps` after which of its characters it is itself written apart.
    """

    text: str
    counts: tuple[int, ...] | None = None
    gaps: frozenset[int] = frozenset()


class Sighting:
    """A stretch of a view that may be the term: what stands there, where in the source, and what stands between."""

    __slots__ = ("_words", "between", "end", "form", "found", "runs", "source", "start", "stretched")

    def __init__(self, source: str, form: Form, found: str, runs: Sequence[Run]) -> None:
        self.source = source
        self.form = form
        self.found = found
        self.runs = runs
        last = len(runs) - 1
        counts = form.counts or (1,) * len(runs)
        # Of a repetition at an edge the nearest one is enough; inside, it is a disguise.
        self.stretched = any(runs[index][2] > counts[index] for index in range(1, last))
        # A whole repeated is marked as a whole.
        wide = self.stretched or last == 0 or counts[0] > 1 or counts[last] > 1
        self.start = runs[0][0 if wide else 1]
        self.end = runs[last][1 if wide else 0] + 1
        # What a reader sees between one character and the next, by the index of the first.
        self.between = {
            index: seen
            for index in range(last)
            if runs[index + 1][0] - runs[index][1] > 1
            and (
                seen := "".join(
                    each for each in source[runs[index][1] + 1 : runs[index + 1][0]] if not is_invisible(each)
                )
            )
        }
        self._words: Words | None = None

    @property
    def words(self) -> Words:
        if self._words is None:
            self._words = words(self.source)
        return self._words

    @property
    def repeats_enough(self) -> bool:
        counts = self.form.counts
        return counts is None or all(run[2] >= count for run, count in zip(self.runs, counts, strict=True))

    @property
    def differing(self) -> list[int]:
        return [
            index for index, (here, there) in enumerate(zip(self.found, self.form.text, strict=True)) if here != there
        ]

    @property
    def all_apart(self) -> bool:
        """Nobody writes three characters with something between each unless they mean them together."""
        return len(self.runs) >= 3 and len(self.between) == len(self.runs) - 1

    def cut_out(self) -> bool:
        """Whether the words around end where the stretch begins, and begin where it ends."""
        return self.words.begins(self.start) and self.words.ends(self.end - 1)

    def alone(self, index: int) -> bool:
        return self.words.alone(self.runs[index][0]) and self.words.alone(self.runs[index][1])

    def inside(self, index: int) -> bool:
        return self.words.within(self.runs[index][0], self.start, self.end)


def stands(sighting: Sighting) -> bool:
    """Of Chinese characters: as written, or with other ones that look like them."""
    differing = sighting.differing
    if len(sighting.runs) == 1:
        return not differing and sighting.repeats_enough
    if not sighting.repeats_enough:
        return False
    if not (differing or sighting.between or sighting.stretched):
        return not sighting.words.read_otherwise(sighting.start, sighting.end)
    if differing and not _taken_for(sighting, differing):
        return False
    if sighting.stretched and not sighting.cut_out():
        return False
    return holds_together(sighting)


def _taken_for(sighting: Sighting, differing: list[int]) -> bool:
    """Look-alikes are meant where they make no word of their own."""
    length = len(sighting.runs)
    if not sighting.cut_out() or (length > 2 and len(differing) * 2 > length + 1):
        return False
    if length == 2 and (_across_ends(sighting) or (len(differing) == 2 and not seldom(sighting.found))):
        return False
    return all(sighting.alone(index) or (length >= 4 and sighting.inside(index)) for index in differing)


def _across_ends(sighting: Sighting) -> bool:
    return any(not _ENDS.isdisjoint(seen) for seen in sighting.between.values())


def holds_together(sighting: Sighting) -> bool:
    """Whether what stands between the characters is a disguise, not the end of one word and the next."""
    if not sighting.between or sighting.all_apart:
        return True
    return all(_joined(sighting, index, seen) for index, seen in sighting.between.items())


def _joined(sighting: Sighting, index: int, seen: str) -> bool:
    strangers = sum(1 for each in seen if plain(each))
    if strangers or not _ENDS.isdisjoint(seen):
        return (
            strangers <= _STRANGERS_MAX
            and len(seen) <= 2 * _STRANGERS_MAX
            and sighting.alone(index)
            and sighting.alone(index + 1)
            and sighting.cut_out()
        )
    return not seen.isspace() or sighting.cut_out()


def stands_in_letters(sighting: Sighting) -> bool:
    """Of letters, numbers and what is mixed of them and Chinese: whole words, joined as `holds_together` says."""
    if not sighting.repeats_enough:
        return False
    differing = sighting.differing
    if differing and not _misspelt(sighting, differing):
        return False
    if _runs_on(sighting.source, sighting.start - 1, sighting.start):
        return False
    if _runs_on(sighting.source, sighting.end - 1, sighting.end):
        return False
    if not _drawn_out(sighting):
        return False
    return sighting.all_apart or all(
        index in sighting.form.gaps
        or (_letters_joined(seen) if _between_letters(sighting, index) else _joined(sighting, index, seen))
        for index, seen in sighting.between.items()
    )


def _misspelt(sighting: Sighting, differing: list[int]) -> bool:
    """Digits for letters, in a word long enough to be known by the rest."""
    letters = [index for index in differing if not is_hanzi(sighting.form.text[index])]
    if any(sighting.form.text[index].isdigit() for index in letters):
        return False
    hanzi = [index for index in differing if index not in letters]
    if letters and (len(sighting.found) < 3 or len(letters) * 2 > len(sighting.found)):
        return False
    return not hanzi or all(sighting.alone(index) for index in hanzi)


def _runs_on(source: str, here: int, following: int) -> bool:
    """Latin words and numbers match whole: neither `av` in "travel" nor 88 in 1988."""
    if here < 0 or following >= len(source):
        return False
    left, right = plain(source[here])[-1:], plain(source[following])[:1]
    return (left.isdecimal() and right.isdecimal()) or (latin(left) and latin(right))


def latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _drawn_out(sighting: Sighting) -> bool:
    """`fuuuck` and `ffuucckk`, but not `good` for a term `god`."""
    counts = sighting.form.counts or (1,) * len(sighting.runs)
    longer = [run[2] for run, count in zip(sighting.runs, counts, strict=True) if run[2] > count]
    return not longer or len(longer) == len(counts) or max(longer) >= 3 or not latin(sighting.form.text[0])


def _between_letters(sighting: Sighting, index: int) -> bool:
    return not (is_hanzi(sighting.form.text[index]) or is_hanzi(sighting.form.text[index + 1]))


def _letters_joined(seen: str) -> bool:
    """Marks that are neither blank nor usual between words."""
    return not any(each.isspace() or each in _ENDS or each in _JOINS for each in seen)
