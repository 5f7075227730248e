"""Letters and digits in other dress: circled, mathematical, full width, raised, as flags; and tone marks for pinyin."""

from __future__ import annotations

from collections.abc import Callable

# Offset of the first capital or small letter of a style; letters follow in order.
LETTERS: dict[str, Callable[[int, bool], int | None]] = {
    "circled": lambda n, capital: (0x24B6 if capital else 0x24D0) + n,
    "parenthesised": lambda n, _: 0x249C + n,
    "squared": lambda n, _: 0x1F130 + n,
    "negative_circled": lambda n, _: 0x1F150 + n,
    "negative_squared": lambda n, _: 0x1F170 + n,
    "regional": lambda n, _: 0x1F1E6 + n,
    "bold": lambda n, capital: (0x1D400 if capital else 0x1D41A) + n,
    "bold_italic": lambda n, capital: (0x1D468 if capital else 0x1D482) + n,
    "script": lambda n, capital: (0x1D4D0 if capital else 0x1D4EA) + n,
    "fraktur": lambda n, capital: (0x1D56C if capital else 0x1D586) + n,
    "double": lambda n, _: 0x1D552 + n,
    "sans": lambda n, capital: (0x1D5A0 if capital else 0x1D5BA) + n,
    "sans_bold": lambda n, capital: (0x1D5D4 if capital else 0x1D5EE) + n,
    "mono": lambda n, capital: (0x1D670 if capital else 0x1D68A) + n,
}
# Styles without an order of their own; a blank is a letter the style lacks.
DRAWN = {
    "superscript": "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖ ʳˢᵗᵘᵛʷˣʸᶻ",
    "small_caps": "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘ ʀꜱᴛᴜᴠᴡ ʏᴢ",
    "subscript": "ₐ   ₑ  ₕᵢⱼₖₗₘₙₒₚ ᵣₛₜᵤᵥ ₓ  ",
}
DIGITS = {
    "circled": "⓪①②③④⑤⑥⑦⑧⑨",
    "parenthesised": " ⑴⑵⑶⑷⑸⑹⑺⑻⑼",
    "superscript": "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "subscript": "₀₁₂₃₄₅₆₇₈₉",
    "double_circled": " ⓵⓶⓷⓸⓹⓺⓻⓼⓽",
    "negative_circled": "⓿❶❷❸❹❺❻❼❽❾",
    "full_stop": "🄀⒈⒉⒊⒋⒌⒍⒎⒏⒐",
    "bold": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "double": "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡",
    "sans": "𝟢𝟣𝟤𝟥𝟦𝟧𝟨𝟩𝟪𝟫",
    "mono": "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿",
}
TONES = {"a": "āáǎà", "e": "ēéěè", "i": "īíǐì", "o": "ōóǒò", "u": "ūúǔù", "ü": "ǖǘǚǜ"}


def is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


def styled_letter(character: str, style: str) -> str:
    """The letter in that style, or unchanged where the style lacks it."""
    number = ord(character.lower()) - ord("a")
    if style in DRAWN:
        drawn = DRAWN[style][number]
        return character if drawn == " " else drawn
    point = LETTERS[style](number, character.isupper())
    return character if point is None else chr(point)


def styled_digit(character: str, style: str) -> str:
    drawn = DIGITS[style][int(character)]
    return character if drawn == " " else drawn


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def toned(syllable: str) -> str:
    """`du3` → `dǔ`: the mark stands on a or e, on the o of ou, else on the last vowel."""
    letters, tone = syllable[:-1].replace("v", "ü"), int(syllable[-1])
    if tone > len("āáǎà"):
        return letters
    for wanted in ("a", "e", "ou"):
        if wanted in letters:
            at = letters.index(wanted)
            break
    else:
        at = max(letters.rfind(vowel) for vowel in TONES)
    return letters[:at] + TONES[letters[at]][tone - 1] + letters[at + 1 :]
