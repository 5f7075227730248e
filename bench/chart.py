"""The table as a picture: for each figure a bar from 0, the limit that must hold at one place for all of them."""

from __future__ import annotations

from html import escape

from bench.lines import Line, shown

WIDTH, ROW, TOP = 960, 30, 56
# The bars begin here; what must be is there.
LEFT, MUST = 440, 760
COLOURS = {"aim": "#2e7d5b", "must": "#647f26", "missed": "#b3402f"}
AIM = "#1d5a40"


def chart(lines: list[Line]) -> str:
    """SVG of all lines that have a limit; a bar longer than the picture is cut at its edge."""
    judged = [line for line in lines if line.must is not None]
    height = TOP + ROW * len(judged) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-size="13">',
        "<style>text { font-family: system-ui, sans-serif }</style>",
        "<title>What was measured beside what must be</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{MUST}" y="24" text-anchor="middle" fill="#444">must</text>',
        f'<text x="{LEFT}" y="24" fill="{AIM}">| aim</text>',
        f'<text x="{LEFT + 50}" y="24" fill="#444">— lowest to highest round</text>',
        f'<line x1="{MUST}" y1="32" x2="{MUST}" y2="{height - 8}" stroke="#444" stroke-dasharray="3 3"/>',
    ]
    for number, line in enumerate(judged):
        parts += _bar(line, TOP + ROW * number)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bar(line: Line, top: int) -> list[str]:
    assert line.must is not None
    name = f'<text x="{LEFT - 10}" y="{top + 15}" text-anchor="end" fill="#222">{escape(line.figure)}</text>'
    if line.median is None:
        return [name, f'<text x="{LEFT}" y="{top + 15}" fill="#777">not measured</text>']
    scale = (MUST - LEFT) / (line.must or 1)
    length = min(line.median * scale, WIDTH - LEFT - 8)
    marks = [
        name,
        f'<rect x="{LEFT}" y="{top}" width="{max(length, 1):.1f}" height="20" rx="2" fill="{COLOURS[line.verdict]}"/>',
    ]
    if line.aim is not None:
        at = LEFT + line.aim * scale
        marks.append(f'<line x1="{at:.1f}" y1="{top - 3}" x2="{at:.1f}" y2="{top + 23}" stroke="{AIM}"/>')
    ends = [min(end * scale, WIDTH - LEFT - 8) for end in (min(line.values), max(line.values))]
    y = top + 23
    marks.append(f'<line x1="{LEFT + ends[0]:.1f}" y1="{y}" x2="{LEFT + ends[1]:.1f}" y2="{y}" stroke="#444"/>')
    text = f"{shown(line.median)} {line.unit}"
    inside = length > 90
    place = LEFT + length - 6 if inside else LEFT + length + 6
    anchor, ink = ("end", "#ffffff") if inside else ("start", "#222")
    marks.append(f'<text x="{place:.1f}" y="{top + 15}" text-anchor="{anchor}" fill="{ink}">{escape(text)}</text>')
    return marks
