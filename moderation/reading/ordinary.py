"""The ordinary words of a text, which tell what a term only seems to stand in (下注 in 在线下注意) from the term."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import rjieba

from moderation.reading.characters import Table, is_common, is_hanzi, plain

# So much of the likelihood of the term must words across its edge have at least.
_RATHER: Final = math.log(1 / 3)
# Against a reading that leaves a character of a term the dictionary knows by itself.
_LEFT_OVER: Final = 3.0
# The longest words of the dictionary that matter.
_WORD_MAX: Final = 5
# How often a term the dictionary does not know is taken to be used, and all of the dictionary's words together.
_UNKNOWN: Final = 4
_ALL: Final = math.log(60_000_000)

# Counts of that dictionary above which a character is a word in everybody's mouth; of two, one must be much rarer.
_EVERYDAY: Final = 45_000
_SELDOM: Final = 5_000
_ON_EVERY_LINE: Final = 150_000

# What the dictionary lacks and citizens write, where listed terms sound or look alike.
_ALSO: Final = """
偷排 偷采 读博 独播 秘钥 翻读 约跑 水郡 墙漆 待款 抄笔 势微 碰车 为证 有图为证 博才 管网 读研 考博 卖银 楼缝 沙壁
弱枝 路站 校址 公示牌 微信 微信群 公众号 小程序
"""
for _word in _ALSO.split():
    rjieba.add_word(_word, 50, "n")

# Words are looked for so far around.
_AROUND: Final = 10


class Words:
    """A stretch of a text cut into dictionary words; every index counts characters of the text."""

    __slots__ = ("_begin", "_end", "_from", "_text")

    def __init__(self, text: str, start: int = 0) -> None:
        """`text` stands at `start` of the whole text."""
        self._text = text
        self._from = start
        self._begin: list[int] = []
        self._end: list[int] = []
        at = 0
        for word in rjieba.cut(text, False):
            after = at + len(word)
            self._begin += [at] * len(word)
            self._end += [after] * len(word)
            at = after

    def alone(self, index: int) -> bool:
        """Whether the character is no part of a longer word."""
        return self._end[index - self._from] - self._begin[index - self._from] == 1

    def begins(self, index: int) -> bool:
        """Whether no word goes on across the left of the character."""
        return self._begin[index - self._from] == index - self._from

    def ends(self, index: int) -> bool:
        return self._end[index - self._from] == index - self._from + 1

    def within(self, index: int, start: int, end: int) -> bool:
        """Whether the word the character belongs to lies in `start..end`."""
        at = index - self._from
        return start - self._from <= self._begin[at] and self._end[at] <= end - self._from

    def read_otherwise(self, start: int, end: int) -> bool:
        """Whether words that go across an edge of `start..end` make the text likelier than the stretch as a word."""
        start, end = start - self._from, end - self._from
        left, right = start, end
        while left > 0 and is_hanzi(self._text[left - 1]):
            left -= 1
        while right < len(self._text) and is_hanzi(self._text[right]):
            right += 1
        return likelier_across(self._text[left:right], start - left, end - left) > _RATHER


@lru_cache(maxsize=4_096)
def likelier_across(text: str, start: int, end: int) -> float:
    """By how much (a logarithm) the likeliest reading with a word across an edge of `start..end` surpasses the other.

    A word around the whole stretch is none across it: 赌博罪.
    """
    length = len(text)
    known = is_word(text[start:end])

    def piece(first: int, last: int) -> float:
        # 冰 is left over where 毒贩 is read out of 冰毒贩子.
        left_over = known and last - first == 1 and start <= first < end and not everyday(text[first])
        return _piece(text[first:last]) - (_LEFT_OVER if left_over else 0)

    before, after = [0.0] + [-math.inf] * length, [-math.inf] * length + [0.0]
    for at in range(1, length + 1):
        before[at] = max(before[first] + piece(first, at) for first in range(max(at - _WORD_MAX, 0), at))
    for at in range(length - 1, -1, -1):
        after[at] = max(piece(at, last) + after[last] for last in range(at + 1, min(at + _WORD_MAX, length) + 1))
    across = [
        before[first] + piece(first, last) + after[last]
        for first in range(end)
        for last in range(max(first + 2, start + 1), min(first + _WORD_MAX, length) + 1)
        if _goes_across(text, first, last, start, end)
    ]
    inside = max(_weight(text[start:end]), _likelihood(text[start:end]))
    return max(across, default=-math.inf) - (before[start] + inside + after[end])


def _goes_across(text: str, first: int, last: int, start: int, end: int) -> bool:
    """Not one around the stretch, nor one that prolongs a word of it: 地铁黄牛票 has the term 地铁黄牛."""
    if first < start < last < end:
        return not is_word(text[start:last])
    if start < first < end < last:
        return not is_word(text[first:end])
    return False


def _piece(word: str) -> float:
    return _weight(word) if len(word) == 1 or is_word(word) else -math.inf


@lru_cache(maxsize=65_536)
def is_word(text: str) -> bool:
    """Whether the dictionary has it as a word of several characters."""
    return len(text) > 1 and bool(rjieba.has_word(text))


@lru_cache(maxsize=16_384)
def everyday(word: str) -> bool:
    """Whether it is a word in everybody's mouth."""
    return _count(word) > _EVERYDAY


@lru_cache(maxsize=16_384)
def on_every_line(word: str) -> bool:
    """的, 是, 不: such a word stands beside anything."""
    return _count(word) > _ON_EVERY_LINE


@lru_cache(maxsize=16_384)
def stands_by_itself(text: str) -> bool:
    """Whether any word may stand beside it: a word, or a character that is not rare as one."""
    return is_word(text) if len(text) > 1 else _count(text) > _SELDOM


@lru_cache(maxsize=16_384)
def seldom(characters: str) -> bool:
    """Whether these are seldom words of their own, all together: a disguise rather than 做受 in 未做受立案."""
    least = _EVERYDAY
    for character in characters:
        # The first of everyday use settles it, and most are.
        if (count := _count(character)) > _EVERYDAY:
            return False
        least = min(least, count)
    return len(characters) == 1 or least <= _SELDOM


@lru_cache(maxsize=4_096)
def _likelihood(text: str) -> float:
    return sum(map(_weight, rjieba.cut(text, False))) if text else 0.0


@lru_cache(maxsize=16_384)
def _weight(word: str) -> float:
    return math.log(max(_count(word), _UNKNOWN)) - _ALL


@lru_cache(maxsize=16_384)
def _count(word: str) -> int:
    """How often the dictionary's texts have the word."""
    return int(rjieba.suggest_freq(word)) if rjieba.has_word(word) else 0


def _one_for_one(character: str) -> str:
    plainer = plain(character)
    return plainer if len(plainer) == 1 and is_hanzi(plainer) else character


_PROSE: Final = Table(_one_for_one)


def words(source: str, start: int, end: int) -> Words:
    """Around `start..end` of the simplified text, every character where it stood."""
    first = max(start - _AROUND, 0)
    around = source[first : end + _AROUND]
    return Words(around if is_common(around) else around.translate(_PROSE), first)
