"""How much of the corpus is found, by technique; with the reading switched off it would not be."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from moderation.reading import composed, sounded, spelled, views, written
from moderation.reading.characters import Table, is_hanzi
from moderation.wordlist import Term, WordList

HERE = Path(__file__).parent
# What the issue asks of the whole, and of each technique.
OVERALL, EACH = 0.97, 0.90


def variants() -> Iterator[dict[str, Any]]:
    for name in ("variants.jsonl", "hand.jsonl"):
        for line in (HERE / name).read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def recall(words: WordList) -> tuple[float, dict[str, float]]:
    """Of all, and by technique: a variant is found if some hit meets it."""
    of: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for variant in variants():
        of[variant["technique"]] += 1
        hits = words.find(variant["body"])
        found[variant["technique"]] += any(hit.start < variant["to"] and variant["from"] < hit.end for hit in hits)
    return sum(found.values()) / sum(of.values()), {technique: found[technique] / of[technique] for technique in of}


def test_what_is_bent_is_found() -> None:
    overall, each = recall(WordList.load(HERE / "terms.csv"))
    assert {technique: part for technique, part in each.items() if part < EACH} == {}
    assert overall >= OVERALL


def test_with_the_reading_switched_off_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    as_written = Table(lambda character: character if character.isalnum() else "")
    only_hanzi = Table(lambda character: character if is_hanzi(character) else "")
    for module in (views, written, sounded, spelled, composed):
        for name, table in (("MIXED", as_written), ("MIXED_SHAPES", as_written)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, table)
    monkeypatch.setattr(views, "HANZI", only_hanzi)
    monkeypatch.setattr(views, "HANZI_SHAPES", only_hanzi)
    forget()
    try:
        overall, each = recall(WordList.load(HERE / "terms.csv"))
    finally:
        forget()
    assert overall < OVERALL
    missed = {technique for technique, part in each.items() if part < EACH}
    assert missed >= {"full_width", "case_mix", "traditional", "styled", "radicals", "pinyin_capitals"}


def forget() -> None:
    for remembered in (views.hanzi, views.mixed, written.form_of):
        remembered.cache_clear()


@pytest.mark.parametrize(("kind", "techniques"), [("sound", ("pinyin", "homophone_same")), ("split", ("split",))])
def test_without_its_kind_a_term_is_not_read_so(kind: str, techniques: tuple[str, ...]) -> None:
    listed = WordList.load(HERE / "terms.csv").terms
    without = WordList(Term(term.text, term.category, term.action, term.match - {kind}) for term in listed)
    _, each = recall(without)
    assert all(each[technique] < EACH for technique in techniques)
