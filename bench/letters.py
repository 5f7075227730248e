"""Measures on fonts' glyphs which signs look like a Latin letter or a digit, and writes the matcher's `signs.tsv`.

`python -m bench.letters FONT...` wants fonttools, numpy and Pillow, which nothing else here does.
"""

from __future__ import annotations

import sys
import unicodedata
from importlib import import_module
from typing import Any, Final

from bench.glyphs import DATA

LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SIDE, BOX, SIZE = 128, 24, 64
# How alike glyphs are at least, and how many letters a sign may be.
ALIKE, READINGS = 0.68, 4
# A thin glyph is set into a box of at least so much of its length: stretched, a stroke would be a block.
SLIMMEST: Final = 0.35

numpy: Any = None
image: Any = None


def boxed(font: Any, character: str) -> tuple[Any, float] | None:
    """What is drawn, stretched to one size, as a row of mean nought and length one; and how broad it was."""
    canvas = image.new("L", (SIDE, SIDE), 0)
    import_module("PIL.ImageDraw").Draw(canvas).text((24, 10), character, font=font, fill=255)
    drawn = numpy.asarray(canvas) > 60
    rows, columns = numpy.where(drawn.any(1))[0], numpy.where(drawn.any(0))[0]
    if not len(rows):
        return None
    cut = canvas.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    width, height = cut.size
    least = int(max(width, height) * SLIMMEST)
    square = image.new("L", (max(width, least), max(height, least)), 0)
    square.paste(cut, ((square.width - width) // 2, (square.height - height) // 2))
    row = numpy.asarray(square.resize((BOX, BOX), image.BOX), dtype="float32").ravel()
    row = row - row.mean()
    return row / (numpy.linalg.norm(row) + 1e-6), width / height


def measured(font_file: str, found: dict[str, dict[str, float]]) -> None:
    """Adds how much each of the font's signs looks like each letter."""
    font = import_module("PIL.ImageFont").truetype(font_file, SIZE)
    letters = [(letter.lower(), box) for letter in LETTERS if (box := boxed(font, letter)) is not None]
    rows = numpy.array([box[0] for _, box in letters])
    for code in import_module("fontTools.ttLib").TTFont(font_file).getBestCmap():
        sign = chr(code)
        box = boxed(font, sign) if is_sign(sign) else None
        if box is None:
            continue
        for (letter, (_, breadth)), alike in zip(letters, rows @ box[0], strict=True):
            ratio = min(breadth, box[1]) / max(breadth, box[1])
            score = float(alike) - (0.2 * (1 - ratio) if ratio < 0.6 else 0)
            if score >= ALIKE:
                known = found.setdefault(sign, {})
                known[letter] = max(known.get(letter, 0), score)


def is_sign(character: str) -> bool:
    """Neither Chinese, kana nor braille, and nothing that is a letter with an accent or another dress of one."""
    return (
        not character.isascii()
        and not 0x2800 <= ord(character) < 0x2900
        and not 0x3040 <= ord(character) <= 0x9FFF
        and unicodedata.category(character)[0] in "LNS"
        and len(unicodedata.normalize("NFD", character)) == 1
        and not unicodedata.normalize("NFKC", character).isascii()
    )


def main(font_files: list[str]) -> None:
    global numpy, image
    numpy, image = import_module("numpy"), import_module("PIL.Image")
    found: dict[str, dict[str, float]] = {}
    for font_file in font_files:
        measured(font_file, found)
    lines = [
        sign + "\t" + "".join(sorted(letters, key=lambda letter: -letters[letter])[:READINGS])
        for sign, letters in sorted(found.items())
    ]
    (DATA / "signs.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
