"""Makes `variants.jsonl`: every technique on many terms, each variant set into a sentence somebody might write.

`python -m tests.moderation.evasion.variants [FOLDER]` writes the file anew; the same tables give the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TypedDict

from tests.moderation.evasion.tables import Tables, Term, load
from tests.moderation.evasion.techniques import SECOND, TECHNIQUES

HERE = Path(__file__).parent
# Characters nobody sees, or that end a line for some reader: escaped, so that a reviewer finds them.
UNSEEN = re.compile(
    r"[\u007f-\u00a0\u00ad\u0300-\u036f\u0483-\u0489\u061c\u115f\u1680\u180e\u1dc0-\u1dff\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u20d0-\u20ff\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
# Three tries for terms that carry letters: there are few of them and many ways.
TRIES = 3
LONGEST_MADE = 60
BODY = range(10, 301)


class Variant(TypedDict, total=False):
    """One line before it is written: `start` and `end`, in code points into `body`, are called `from` and `to` there.

    `of` names the two techniques of a combined one.
    """

    technique: str
    term: str
    body: str
    start: int
    end: int
    of: list[str]


def embedded(made: str, term: Term, tables: Tables, draw: Random) -> tuple[str, int, int]:
    kinds = {"any", "insult" if term.category == "abuse" else "offer"}
    room = len(made) - len("{}")
    fitting = [sentence for kind, sentence in tables.carriers if kind in kinds and len(sentence) + room in BODY]
    sentence = draw.choice(fitting)
    before, after = sentence.split("{}")
    return before + made + after, len(before), len(before) + len(made)


def variant(technique: str, of: list[str], term: Term, tables: Tables, draw: Random) -> Variant | None:
    made: str | None = term.text
    for name in of:
        made = SECOND[name](made, term, tables, draw) if made is not None else None
    if made is None or len(made) > LONGEST_MADE or made in tables.pools["words"]:
        return None
    if made == term.text and technique != "plain":
        return None
    body, start, end = embedded(made, term, tables, draw)
    found = Variant(technique=technique, term=term.text, body=body, start=start, end=end)
    if technique == "combined":
        found["of"] = of
    return found


def shuffled(terms: tuple[Term, ...], draw: Random) -> list[Term]:
    order = list(terms)
    draw.shuffle(order)
    return order


def of_technique(technique: str, of: list[str], tables: Tables, limit: int) -> Iterator[Variant]:
    """At most `limit` different variants: one a term in turn, and the round again while there are too few."""
    draw = Random(f"{tables.pools['seed']}:{technique}:{'+'.join(of)}")
    seen: set[tuple[str, str]] = set()
    for _ in range(TRIES):
        for term in shuffled(tables.terms, draw):
            found = variant(technique, of, term, tables, draw)
            if found is None:
                continue
            key = (term.text, found["body"][found["start"] : found["end"]])
            if key not in seen:
                seen.add(key)
                yield found
            if len(seen) == limit:
                return


def variants(tables: Tables) -> list[Variant]:
    limit = tables.pools["per_technique"]
    made = [found for name in TECHNIQUES for found in of_technique(name, [name], tables, limit)]
    for of in tables.pools["combined"]:
        made += of_technique("combined", of, tables, max(limit // 8, 6))
    return made


def line(found: Variant) -> str:
    """One line of the file; what cannot be seen stands as an escape."""
    renamed = {{"start": "from", "end": "to"}.get(key, key): value for key, value in found.items()}
    return UNSEEN.sub(lambda sign: json.dumps(sign[0])[1:-1], json.dumps(renamed, ensure_ascii=False))


def main(folder: Path) -> None:
    made = variants(load(folder))
    (folder / "variants.jsonl").write_text("".join(line(found) + "\n" for found in made), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
