"""How Chinese characters sound: syllables without tones, and which of them people take for each other."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from moderation.reading.characters import Table

# The only ones whose second reading is usual too.
SEVERAL: Final = frozenset(
    "行长重乐发种调干给和还几假间角觉空落没难片铺强切曲散色沙少似宿相省系血占涨中转弹得地着都会大薄藏朝车乘处传当倒"
    "斗恶更供好号横吓校降解禁卷卡壳量露率论绿模迫奇塞盛识石提吞缩挑帖吐鲜削压咽殷与载扎折轧粘正只柏泊剥堡便别参差"
)
# A syllable as one character, from a range nobody writes in.
_FIRST_CODE: Final = 0xE000
SILENT: Final = "\uf8ff"
# Neighbouring sounds, as they are confused in speech and in typing.
_NEAR: Final = (
    (r"^zh", "z"),
    (r"^ch", "c"),
    (r"^sh", "s"),
    (r"ng$", "n"),
    (r"^n(?!$)", "l"),
    (r"^hu(?=.)", "f"),
    (r"^r", "l"),
)


@cache
def _readings() -> dict[int, tuple[str, ...]]:
    """By code point; the dictionary alone: the package itself would load its phrases too, half a second of them."""
    spec = find_spec("pypinyin")
    if spec is None or spec.origin is None:
        raise ImportError("pypinyin is not installed")
    read: dict[str, str] = json.loads(Path(spec.origin).with_name("pinyin_dict.json").read_text(encoding="utf-8"))
    return {int(code): tuple(dict.fromkeys(map(_toneless, said.split(",")))) for code, said in read.items()}


def _toneless(syllable: str) -> str:
    apart = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(letter for letter in apart if letter.isascii())


def syllables(character: str) -> tuple[str, ...]:
    """Its usual readings, the commonest first; none if it has none."""
    return _readings().get(ord(character), ())[: 2 if character in SEVERAL else 1]


def sounds_like(character: str, other: str) -> bool:
    """Whether one of the usual readings is the same but for the tone."""
    return not set(syllables(character)).isdisjoint(syllables(other))


@cache
def near(syllable: str) -> str:
    """What stands for the syllable and those it is confused with."""
    for pattern, instead in _NEAR:
        syllable = re.sub(pattern, instead, syllable)
    return syllable


@cache
def _codes() -> dict[str, str]:
    heard = sorted({near(said) for all_said in _readings().values() for said in all_said})
    return {said: chr(_FIRST_CODE + index) for index, said in enumerate(heard)}


@cache
def all_syllables() -> frozenset[str]:
    return frozenset(said for all_said in _readings().values() for said in all_said)


def code(syllable: str) -> str:
    """One character for a syllable and those near it."""
    return _codes()[near(syllable)]


def _sound(character: str) -> str:
    said = syllables(character)
    return code(said[0]) if said else SILENT


# What each character sounds like in its commonest reading, for `str.translate`.
SOUNDS: Final = Table(_sound)


def _spelling(character: str) -> str:
    said = syllables(character)
    return said[0] if said else character


SPELLINGS: Final = Table(_spelling)
