"""Whether what was found is the term in disguise, or ordinary words that happen to touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import ne
from typing import Final

from moderation.reading.characters import is_hanzi, is_invisible, plain
from moderation.reading.likeness import likeable
from moderation.reading.lookalikes import alike
from moderation.reading.ordinary import Words, everyday, is_word, on_every_line, seldom, stands_by_itself, words
from moderation.reading.views import Run

# Where a sentence or a part of one ends.
ENDS: Final = frozenset("。！？；：，、,!?;:.\n\r")
BREAKS: Final = frozenset("\n\r")
# Between Latin letters these join or list words.
_JOINS: Final = frozenset("-/&+'’\"“”()（）\\=、@")
_SENTENCE: Final = frozenset("。！？；：，、!?;:\n\r")
# Marks that part sentences in any text.
_USUAL: Final = frozenset("。，,、？?\n\r")
# Blanks up to the next word.
_CONTEXT: Final = 4
# So much of a text for each character is no term any more.
_SPREAD: Final = 64
# So many letters or digits between two characters are a text of their own.
_STRANGERS_MAX: Final = 4

# So often in a row is no way to write a word.
_DRAWN_OUT: Final = 3


@dataclass(frozen=True, slots=True)
class Form:
    """A term as it is looked for: `text` without repetitions and its `shape`, `counts` where it has some itself,

    `gaps` after which of its characters it is itself written apart.
    """

    text: str
    shape: str
    counts: tuple[int, ...] | None = None
    gaps: frozenset[int] = frozenset()
    uncut: str | None = None

    @property
    def whole(self) -> str:
        """With its repetitions."""
        return self.text if self.uncut is None else self.uncut


class Sighting:
    """A stretch of a view that may be the term: what stands there, where in the source, and what stands between."""

    __slots__ = ("_words", "between", "end", "form", "found", "runs", "source", "start", "stretched", "undrawn")

    def __init__(self, source: str, form: Form, found: str, runs: Sequence[Run]) -> None:
        self.source = source
        self.form = form
        self.found = found
        self.runs = runs
        last = len(runs) - 1
        counts = form.counts or (1,) * len(runs)
        longer = [run[2] for run, count in zip(runs, counts, strict=True) if run[2] > count]
        # `god` is not in `good`.
        self.undrawn = not longer or len(longer) == len(runs) or max(longer) >= _DRAWN_OUT
        # Of a repetition at an edge the nearest one is enough; inside, or all over, it is a disguise.
        inside = any(runs[index][2] > counts[index] for index in range(1, last))
        self.stretched = inside or (bool(longer) and (len(longer) == len(runs) or max(longer) >= _DRAWN_OUT))
        # A whole repeated is marked as a whole, and so are letters: they are one word.
        wide = self.stretched or last == 0 or counts[0] > 1 or counts[last] > 1 or latin(form.text[0] + form.text[-1])
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
            self._words = words(self.source, self.start, self.end)
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

    @property
    def across_ends(self) -> bool:
        """Whether a sentence, or a part of one, ends inside. A line for each character is no end of one."""
        upright = len(self.between) == len(self.runs) - 1 and all(
            not BREAKS.isdisjoint(seen) for seen in self.between.values()
        )
        parting = ENDS - BREAKS if upright else ENDS
        return any(not parting.isdisjoint(seen) for seen in self.between.values())

    @property
    def far(self) -> bool:
        """So long that nobody reads it as one, unless all between is invisible; no words are looked for then."""
        return self.end - self.start > _SPREAD * len(self.runs)

    def cut_out(self) -> bool:
        """Whether the words around end where the stretch begins, and begin where it ends."""
        return self.words.begins(self.start) and self.words.ends(self.end - 1)

    def alone(self, index: int) -> bool:
        return self.words.alone(self.runs[index][0]) and self.words.alone(self.runs[index][1])

    def likeable(self, index: int) -> bool:
        """As it is written, or simplified: 侖 looks like 命, and 仑 does not."""
        written = self.source[self.runs[index][0]]
        return any(likeable(each, self.form.text[index]) for each in (self.found[index], written))

    def much_alike(self, index: int) -> bool:
        """Of the same main part; in a longer term with nothing between also another."""
        found, meant = self.found[index], self.form.text[index]
        if alike(found) == alike(meant):
            return True
        return not self.between and len(self.runs) > 2

    def in_every_mouth(self, index: int) -> bool:
        return self.alone(index) and everyday(self.found[index])

    def inside(self, index: int) -> bool:
        return self.words.within(self.runs[index][0], self.start, self.end)


def may_stand(here: str, whole: str, text: str, start: int) -> bool:
    """Whether what looks like a term is worth a closer look: cheap, for ordinary texts are full of it.

    `here` stands at `start` of `text`; a term with repetitions of its own is looked at in any case.
    """
    length = len(here)
    if length != len(whole):
        return True
    if length > 2:
        if sum(map(ne, here, whole)) * 2 <= length + 1:
            return True
        return seldom("".join(each for each, meant in zip(here, whole, strict=True) if each != meant))
    first, last = here[0], here[1]
    differing = last if first == whole[0] else first if last == whole[1] else here
    # A character that makes a word with what stands beside it is no disguise.
    return (
        (seldom(differing) or (len(differing) == 1 and _beside_a_rare_one(here, whole, differing)))
        and (first == whole[0] or not (start and is_word(text[start - 1] + first)))
        and (last == whole[1] or not is_word(last + text[start + 2 : start + 3]))
        and not is_word(here)
    )


def _beside_a_rare_one(here: str, whole: str, differing: str) -> bool:
    """Of two characters the one that is as meant is so rare that the other may be any but 的 and its like: 买淫."""
    kept = here[0] if here[0] == whole[0] else here[1]
    return not stands_by_itself(kept) and not on_every_line(differing)


def stands(sighting: Sighting) -> bool:
    """Of Chinese characters: as written, or with other ones that look like them."""
    if sighting.far:
        return not sighting.between
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
    if not sighting.cut_out() or (length == 2 and sighting.across_ends):
        return False
    if not all(map(sighting.likeable, differing)):
        return False
    if any(_goes_with_any_word(sighting, index, differing) for index in differing if index in (0, length - 1)):
        return False
    # With nothing left of it but what it looks like, nearly the same is not enough.
    if len(differing) == length and not all(map(sighting.much_alike, differing)):
        return False
    return all(sighting.alone(index) or (length >= 4 and sighting.inside(index)) for index in differing)


def _goes_with_any_word(sighting: Sighting, index: int, differing: list[int]) -> bool:
    """A word of one character in everybody's mouth stands beside any word.

    热线和微信 is no 加微信, but 她下钱庄 is 地下钱庄, and 买淫 is 卖淫.
    """
    if not sighting.in_every_mouth(index):
        return False
    meant = sighting.form.text
    rest = meant[1:] if index == 0 else meant[:-1]
    return stands_by_itself(rest) or len(differing) * 2 > len(meant)


def holds_together(sighting: Sighting) -> bool:
    """Whether what stands between the characters is a disguise, not the end of one word and the next."""
    if not sighting.between or sighting.all_apart:
        return True
    return all(_joined(sighting, index, seen) for index, seen in sighting.between.items())


def _joined(sighting: Sighting, index: int, seen: str) -> bool:
    strangers = sum(1 for each in seen if plain(each))
    if strangers or not ENDS.isdisjoint(seen):
        return (
            strangers <= _STRANGERS_MAX
            and len(seen) <= 2 * _STRANGERS_MAX
            and sighting.cut_out()
            and all(_free(sighting, each, strangers) for each in (index, index + 1))
        )
    return not seen.isspace() or sighting.cut_out()


def _free(sighting: Sighting, index: int, strangers: int) -> bool:
    """No part of another word; where letters stand between, a word inside the term is part of the term."""
    if sighting.alone(index):
        return True
    return len(sighting.runs) > 2 and sighting.inside(index) and (strangers > 0 or _left_over(sighting, index))


def _left_over(sighting: Sighting, index: int) -> bool:
    """Whether beyond the mark stands one character that is no sentence of its own: 套路；贷, not 代开，发票."""
    last = len(sighting.runs) - 1
    if index == last - 1 and index in sighting.between:
        beyond, seen = last, sighting.between[index]
    elif index == 1 and 0 in sighting.between:
        beyond, seen = 0, sighting.between[0]
    else:
        return False
    return _USUAL.isdisjoint(seen) and sighting.alone(beyond) and not sighting.in_every_mouth(beyond)


def stands_in_letters(sighting: Sighting) -> bool:
    """Of letters, numbers and what is mixed of them and Chinese: whole words, little between them."""
    if sighting.far:
        return not sighting.between
    if not sighting.repeats_enough:
        return False
    differing = sighting.differing
    if differing and not _misspelt(sighting, differing):
        return False
    if runs_on(sighting.source, sighting.start - 1, sighting.start):
        return False
    if runs_on(sighting.source, sighting.end - 1, sighting.end):
        return False
    foreign = not _among_letters(sighting)
    if not (foreign or sighting.undrawn):
        return False
    return sighting.all_apart or all(
        index in sighting.form.gaps
        or (_letters_joined(seen, foreign) if _between_letters(sighting, index) else _joined(sighting, index, seen))
        for index, seen in sighting.between.items()
    )


def _misspelt(sighting: Sighting, differing: list[int]) -> bool:
    """Digits for letters and letters for digits, in a word long enough to be known by the rest."""
    letters = [index for index in differing if not is_hanzi(sighting.form.text[index])]
    if letters and (len(sighting.found) < 3 or len(letters) * 2 > len(sighting.found)):
        return False
    if any(_two_letters(sighting.form.text[index], sighting.found[index]) for index in letters):
        return False
    return all(
        sighting.alone(index) and sighting.likeable(index) and not sighting.in_every_mouth(index)
        for index in differing
        if index not in letters
    )


def _two_letters(meant: str, found: str) -> bool:
    """Different letters are different words, but for I and l."""
    return latin(meant) and latin(found) and {meant, found} != {"i", "l"}


def runs_on(source: str, here: int, following: int) -> bool:
    """Latin words and numbers match whole: neither `av` in "travel" nor 88 in 1988."""
    if here < 0 or following >= len(source):
        return False
    left, right = plain(source[here])[-1:], plain(source[following])[:1]
    return (left.isdecimal() and right.isdecimal()) or (latin(left) and latin(right))


def latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _among_letters(sighting: Sighting) -> bool:
    """Whether it stands in a text of letters, where blanks and marks part words."""
    before = sighting.source[max(sighting.start - _CONTEXT, 0) : sighting.start].rstrip()
    after = sighting.source[sighting.end : sighting.end + _CONTEXT].lstrip()
    return latin(plain(before[-1:] or " ")[-1:]) or latin(plain(after[:1] or " ")[:1])


def _between_letters(sighting: Sighting, index: int) -> bool:
    return not (is_hanzi(sighting.form.text[index]) or is_hanzi(sighting.form.text[index + 1]))


def _letters_joined(seen: str, foreign: bool) -> bool:
    """Marks that are neither blank nor usual between words; among Chinese, where words have no blanks, those too."""
    if foreign:
        return len(seen) <= _STRANGERS_MAX and not any(each in _SENTENCE for each in seen)
    return not any(each.isspace() or each in ENDS or each in _JOINS for each in seen)
