"""Measures on a font's glyphs which Chinese characters look alike, and writes `moderation/reading/data/`.

`python -m bench.glyphs FONT` wants numpy and Pillow, which nothing else here does.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parent.parent / "moderation" / "reading" / "data"
SIDE: Final = 64
SMALL: Final = 32
PART: Final = 20
# How many of the likest a character keeps: of the first level, of the second, by its outline, a rare one.
KEPT, LESS_COMMON_KEPT, OUTLINE_KEPT, RARE_KEPT = 16, 7, 4, 2
FIRST_LEVEL: Final = 3755
# Of the first level so many more, for terms that are known by their other characters.
FURTHER_KEPT: Final = 48
# How alike glyphs and parts are at least.
RARE_ALIKE, SAME_PART = 0.85, 0.80
# Regions that hold more than half of a glyph: right, left, lower, upper.
REGIONS: Final = (
    (slice(0, 32), slice(12, 32)),
    (slice(0, 32), slice(0, 20)),
    (slice(13, 32), slice(0, 32)),
    (slice(0, 19), slice(0, 32)),
)
# Where a glyph may be cut for its larger part, in each of the four directions.
UPRIGHT, LEVEL = range(16, 32, 2), range(34, 48, 2)

numpy: Any = None
image: Any = None


def everyday() -> list[str]:
    """The characters of GB 2312."""
    cells = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return [cell.decode("gb2312") for cell in cells if cell not in {bytes((0xD7, at)) for at in range(0xFA, 0xFF)}]


def rendered(characters: list[str], font_file: str) -> list[Any]:
    font = import_module("PIL.ImageFont").truetype(font_file, SIDE - 4)
    draw = import_module("PIL.ImageDraw").Draw
    glyphs = []
    for character in characters:
        glyph = image.new("L", (SIDE, SIDE), 0)
        draw(glyph).text((2, -4), character, font=font, fill=255)
        glyphs.append(glyph)
    return glyphs


def unit(pixels: Any) -> Any:
    """Rows of mean nought and length one: their product is the correlation."""
    rows = pixels.reshape(len(pixels), -1).astype("float32")
    rows = rows - rows.mean(1, keepdims=True)
    return rows / (numpy.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)


def blurred(glyphs: list[Any], radius: float) -> Any:
    blur = import_module("PIL.ImageFilter").GaussianBlur(radius)
    return numpy.array([numpy.asarray(glyph.filter(blur).resize((SMALL, SMALL), image.BOX)) for glyph in glyphs])


def likeness(glyphs: list[Any], common: int) -> Any:
    """Of each everyday character with every one: the whole, and the likest of its larger parts."""
    soft = blurred(glyphs, 2.0)
    rows = unit(soft)
    whole = rows[:common] @ rows.T
    part = numpy.full_like(whole, -1)
    for region in REGIONS:
        rows = unit(soft[:, region[0], region[1]])
        numpy.maximum(part, rows[:common] @ rows.T, out=part)
    score = numpy.maximum(whole + 0.03, 0.55 * part + 0.45 * whole + 0.02)
    score = numpy.maximum(score, part - 0.08)
    numpy.fill_diagonal(score, 0)
    return score


def outlines(glyphs: list[Any], radius: float) -> Any:
    """Everyday characters with each other, from further away."""
    rows = unit(blurred(glyphs, radius))
    score = rows @ rows.T
    numpy.fill_diagonal(score, 0)
    return score


def against_all(score: Any) -> Any:
    """Measured by how alike both are to everything: a dense glyph is a little like all dense ones."""
    mean, spread = score.mean(1), score.std(1)
    rows = (score - mean[:, None]) / spread[:, None]
    return (rows + rows.T) / 2


def alikes(characters: list[str], common: int, score: Any, glyphs: list[Any]) -> list[str]:
    """`character<TAB>alikes`, each pair once, the likest first."""
    found: dict[int, set[int]] = {}
    far = against_all(outlines(glyphs, 5.0))
    near = (against_all(score[:, :common]) + against_all(outlines(glyphs, 3.5))) / 2
    for here in range(common):
        kept = KEPT if here < FIRST_LEVEL else LESS_COMMON_KEPT
        for there in (*numpy.argsort(-near[here])[:kept], *numpy.argsort(-far[here])[:OUTLINE_KEPT]):
            found.setdefault(min(here, int(there)), set()).add(max(here, int(there)))
    for rare, column in enumerate(score[:, common:].T, start=common):
        for here in numpy.argsort(-column)[:RARE_KEPT]:
            if column[here] >= RARE_ALIKE:
                found.setdefault(int(here), set()).add(rare)
    lines = []
    for here, others in sorted(found.items()):
        likest = sorted(others, key=lambda there: (-score[here, there], there))
        lines.append(characters[here] + "\t" + "".join(characters[there] for there in likest))
    return lines


def boxed(pixels: Any, shortest: int) -> Any:
    """What is drawn, stretched to one size; None if it is small."""
    drawn = pixels > 60
    rows, columns = numpy.where(drawn.any(1))[0], numpy.where(drawn.any(0))[0]
    if not len(rows):
        return None
    cut = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if min(cut.shape) <= max(shortest, 4):
        return None
    return numpy.asarray(image.fromarray(cut).resize((PART, PART), image.BOX))


def larger_parts(pixels: Any) -> list[Any]:
    """Right and left parts, lower and upper ones, where a cut goes through little."""
    found = []
    for upright in (True, False):
        plane = pixels.T if upright else pixels
        for cut in UPRIGHT if upright else LEVEL:
            if plane[cut].astype(int).sum() <= 255 * 14:
                found += [boxed(part.T if upright else part, 18) for part in (plane[cut:], plane[:cut])]
    return [box for box in found if box is not None]


def shared_parts(characters: list[str], common: int, glyphs: list[Any]) -> list[str]:
    """A line for each part: the character that is it, if an everyday one, and those that have it."""
    pixels = [numpy.asarray(glyph) for glyph in glyphs]
    boxes = [boxed(each, 24) for each in pixels]
    wholes = [index for index, box in enumerate(boxes) if box is not None]
    rows = unit(numpy.array([boxes[index] for index in wholes]))
    queries = [(here, part) for here in range(common) for part in larger_parts(pixels[here])]
    families: dict[int, set[int]] = {}
    for start in range(0, len(queries), 4_000):
        owners, parts = zip(*queries[start : start + 4_000], strict=True)
        matches = unit(numpy.array(parts)) @ rows.T
        for here, match in zip(owners, matches, strict=True):
            likest = int(match.argmax())
            if wholes[likest] == here:
                match[likest] = 0
                likest = int(match.argmax())
            if match[likest] >= SAME_PART:
                families.setdefault(wholes[likest], set()).add(here)
    lines = []
    for part, members in sorted(families.items()):
        together = sorted(members | ({part} if part < common else set()))
        if len(together) > 1:
            lines.append("".join(characters[each] for each in together))
    return lines


def further(characters: list[str], score: Any, glyphs: list[Any]) -> list[str]:
    """`character<TAB>alikes` beyond those of `alikes`, the likest first."""
    near = (against_all(score[:, : len(glyphs)]) + against_all(outlines(glyphs, 3.5))) / 2
    return [
        characters[here] + "\t" + "".join(characters[there] for there in numpy.argsort(-near[here])[KEPT:FURTHER_KEPT])
        for here in range(FIRST_LEVEL)
    ]


def main(font_file: str) -> None:
    global numpy, image
    numpy, image = import_module("numpy"), import_module("PIL.Image")
    common = everyday()
    characters = common + sorted(set(map(chr, range(0x4E00, 0x9FA6))) - set(common))
    glyphs = rendered(characters, font_file)
    DATA.mkdir(exist_ok=True)
    score = likeness(glyphs, len(common))
    pairs = alikes(characters, len(common), score, glyphs[: len(common)])
    (DATA / "alikes.tsv").write_text("\n".join(pairs) + "\n", encoding="utf-8")
    parts = shared_parts(characters, len(common), glyphs)
    (DATA / "parts.txt").write_text("\n".join(parts) + "\n", encoding="utf-8")
    others = further(characters, score, glyphs[: len(common)])
    (DATA / "further.tsv").write_text("\n".join(others) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
