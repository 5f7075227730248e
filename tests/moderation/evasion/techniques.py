"""How people dodge a filter: a technique turns a term into what they type, or says that it has no hold on that term."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from tests.moderation.evasion.styles import full_width, is_latin, styled_digit, styled_letter, toned
from tests.moderation.evasion.tables import Tables, Term

Technique = Callable[[str, Term, Tables, Random], str | None]


def is_hanzi(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff"


def has_latin(text: str) -> bool:
    return any(is_latin(sign) for sign in text)


def between(text: str, signs: list[str], draw: Random) -> str | None:
    """One sign of the pool in every gap, or in just one gap of a longer text."""
    if len(text) < 2:
        return None
    sign = draw.choice(signs)
    if len(text) > 2 and draw.random() < 0.3:
        at = draw.randrange(1, len(text))
        return text[:at] + sign + text[at:]
    return sign.join(text)


def swapped(text: str, stand_ins: Callable[[int, str], str], draw: Random, *, share: float) -> str | None:
    """At least one character replaced by one of its stand-ins, the others each with the given likelihood."""
    places = [at for at, sign in enumerate(text) if stand_ins(at, sign)]
    if not places:
        return None
    sure = draw.choice(places)
    signs = list(text)
    for at in places:
        if at == sure or draw.random() < share:
            signs[at] = draw.choice(stand_ins(at, text[at]))
    return "".join(signs)


def plain(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return text


def in_full_width(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    wide = full_width(text)
    return wide if wide != text else None


def case_mix(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    if not has_latin(text):
        return None
    ways = [text.upper(), text.title(), text.swapcase()]
    ways += ["".join(draw.choice((sign.upper(), sign.lower())) for sign in text) for _ in range(4)]
    ways = [way for way in ways if way != text]
    return draw.choice(ways) if ways else None


def traditional(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return swapped(text, lambda _, sign: tables.traditional.get(sign, ""), draw, share=0.8)


def zero_width(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return between(text, tables.pools["zero_width"], draw)


def bidi(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return between(text, tables.pools["bidi"], draw)


def spaces(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return between(text, tables.pools["spaces"], draw)


def punctuation(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return between(text, tables.pools["punctuation"], draw)


def emoji(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return between(text, tables.pools["emoji"], draw)


def letters_between(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return between(text, tables.pools["letters"], draw) if all(map(is_hanzi, text)) else None


def digits_between(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return between(text, tables.pools["digits"], draw) if all(map(is_hanzi, text)) else None


def repeated(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    """Every sign twice, or one of them several times over."""
    if any(sign.isdigit() for sign in text):
        return None
    if draw.random() < 0.5:
        return "".join(sign * 2 for sign in text)
    at = draw.randrange(len(text))
    return text[:at] + text[at] * draw.choice((2, 3, 5)) + text[at + 1 :]


def combining(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    mark = draw.choice(tables.pools["marks"])
    return "".join(sign + mark for sign in text)


def styled(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    """Letters and digits in another dress; characters in a circle where there is one."""
    pools = tables.pools
    letter_style, digit_style = draw.choice(pools["letter_styles"]), draw.choice(pools["digit_styles"])
    made = ""
    for sign in text:
        if is_latin(sign):
            made += styled_letter(sign, letter_style)
        elif sign.isdecimal() and sign.isascii():
            made += styled_digit(sign, digit_style)
        else:
            made += pools["enclosed"].get(sign, sign)
    return made if made != text else None


def lookalike_letters(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    looks = tables.pools["letter_looks"]
    return swapped(text, lambda _, sign: looks.get(sign.lower(), ""), draw, share=0.5)


def lookalike_hanzi(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return swapped(text, lambda _, sign: tables.lookalikes.get(sign, ""), draw, share=0.2)


def radicals(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return swapped(text, lambda _, sign: tables.radicals.get(sign, ""), draw, share=1.0)


def line_breaks(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return draw.choice(tables.pools["breaks"]).join(text) if len(text) > 1 else None


def brackets(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    pair = draw.choice(tables.pools["brackets"])
    return "".join(pair[0] + sign + pair[1] for sign in text)


def split(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    """Characters written as their parts, side by side."""
    if "split" not in term.joins:
        return None
    places = [at for at, sign in enumerate(text) if sign in tables.parts]
    if not places:
        return None
    sure = draw.choice(places)
    kept = [at for at in places if at == sure or draw.random() < 0.6]
    return "".join(draw.choice(tables.parts[sign]) if at in kept else sign for at, sign in enumerate(text))


def sounds(term: Term) -> bool:
    return "sound" in term.joins and len(term.reading) == len(term.text)


def bare(syllables: Iterable[str], umlaut: str = "v") -> list[str]:
    return [syllable[:-1].replace("v", umlaut) for syllable in syllables]


def pinyin(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return "".join(bare(term.reading, draw.choice(("v", "u", "ü")))) if sounds(term) else None


def pinyin_toned(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    if not sounds(term):
        return None
    way = draw.randrange(4)
    if way == 0:
        return "".join(term.reading).replace("5", "")
    return ("", " ", "")[way - 1].join(toned(syllable) for syllable in term.reading)


def pinyin_spaced(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return draw.choice(tables.pools["pinyin_joins"]).join(bare(term.reading)) if sounds(term) else None


def pinyin_capitals(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    if not sounds(term):
        return None
    syllables = bare(term.reading)
    return draw.choice(
        (
            "".join(syllables).upper(),
            "".join(syllable.title() for syllable in syllables),
            " ".join(syllables).upper(),
            "".join(syllables).title(),
        )
    )


def letter_spaced(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return draw.choice((" ", ".", "-")).join(text) if has_latin(text) else None


def pinyin_mixed(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    """Some characters spelt, at least one left."""
    if not sounds(term):
        return None
    count = draw.randrange(1, len(text)) if len(text) > 2 else 1
    spelt = set(draw.sample(range(len(text)), count))
    syllables = bare(term.reading)
    return "".join(syllables[at] if at in spelt else sign for at, sign in enumerate(text))


def heard(text: str, term: Term, tables: Tables, draw: Random, tones: Callable[[str], str], share: float) -> str | None:
    if not sounds(term):
        return None

    def stand_ins(at: int, sign: str) -> str:
        base, tone = term.reading[at][:-1], term.reading[at][-1]
        options = "".join(tables.homophones.get(base + other, "") for other in tones(tone))
        return options.replace(sign, "")

    return swapped(text, stand_ins, draw, share=share)


def heard_share(text: str, draw: Random) -> float:
    """Longer terms keep most of their characters: nobody would understand three strangers in a row."""
    if len(text) == 2:
        return draw.choice((0.1, 1.0))
    return 0.4 if len(text) == 3 else 0.2


def homophone_same(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return heard(text, term, tables, draw, lambda tone: tone, heard_share(text, draw))


def homophone_other(text: str, term: Term, tables: Tables, draw: Random) -> str | None:
    return heard(text, term, tables, draw, lambda tone: "1234".replace(tone, ""), heard_share(text, draw))


TECHNIQUES: dict[str, Technique] = {
    "plain": plain,
    "full_width": in_full_width,
    "case_mix": case_mix,
    "traditional": traditional,
    "zero_width": zero_width,
    "bidi": bidi,
    "spaces": spaces,
    "punctuation": punctuation,
    "emoji": emoji,
    "letters_between": letters_between,
    "digits_between": digits_between,
    "repeated": repeated,
    "combining": combining,
    "styled": styled,
    "lookalike_letters": lookalike_letters,
    "lookalike_hanzi": lookalike_hanzi,
    "radicals": radicals,
    "line_breaks": line_breaks,
    "brackets": brackets,
    "split": split,
    "pinyin": pinyin,
    "pinyin_toned": pinyin_toned,
    "pinyin_spaced": pinyin_spaced,
    "pinyin_capitals": pinyin_capitals,
    "pinyin_mixed": pinyin_mixed,
    "homophone_same": homophone_same,
    "homophone_other": homophone_other,
}
# Of use only after another one.
SECOND: dict[str, Technique] = {**TECHNIQUES, "letter_spaced": letter_spaced}
