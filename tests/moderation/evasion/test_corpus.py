"""The corpus is whole: enough of everything, marked where it should be, and the same on every machine.

Nothing here looks at the matcher; how many variants it finds is another test's question.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import TypedDict, cast

import pytest

from tests.moderation.evasion.styles import toned
from tests.moderation.evasion.tables import Tables, load
from tests.moderation.evasion.techniques import TECHNIQUES
from tests.moderation.evasion.variants import BODY, UNSEEN, line, variants

HERE = Path(__file__).parent
SOUNDING = {
    "pinyin",
    "pinyin_toned",
    "pinyin_spaced",
    "pinyin_capitals",
    "pinyin_mixed",
    "homophone_same",
    "homophone_other",
}
KINDS = {"across", "characters", "sound", "near_sound", "sense", "letters", "parts", "pinyin"}
Marked = TypedDict(
    "Marked", {"technique": str, "term": str, "body": str, "from": int, "to": int, "of": list[str]}, total=False
)


class Clean(TypedDict):
    near: str
    kind: str
    body: str


def lines(name: str) -> list[str]:
    # Not splitlines: a body may hold other line ends, and they must have been escaped.
    return (HERE / name).read_text(encoding="utf-8").removesuffix("\n").split("\n")


def marked(name: str) -> list[Marked]:
    return [cast(Marked, json.loads(text)) for text in lines(name)]


def clean() -> list[Clean]:
    return [cast(Clean, json.loads(text)) for text in lines("clean.jsonl")]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load(HERE)


def joins(tables: Tables, join: str) -> set[str]:
    return {term.text for term in tables.terms if join in term.joins}


def test_the_terms_are_a_list_as_the_contract_says() -> None:
    with (HERE / "terms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["term", "category", "action", "match"]
    assert {row["action"] for row in rows} <= {"refuse", "hold", "flag", "mask"}
    assert {join for row in rows for join in row["match"].split("+")} == {"plain", "sound", "split"}
    assert len({row["term"].casefold() for row in rows}) == len(rows)


def test_there_are_enough_terms_of_each_match(tables: Tables) -> None:
    assert len(tables.terms) >= 150
    assert len(joins(tables, "sound")) >= 100
    assert len(joins(tables, "split")) >= 60


def test_a_term_that_sounds_has_a_syllable_for_each_character(tables: Tables) -> None:
    for term in tables.terms:
        if "sound" in term.joins:
            assert len(term.reading) == len(term.text), term.text
            assert all(syllable[-1] in "12345" for syllable in term.reading), term.text


def test_a_term_that_splits_has_a_character_that_does(tables: Tables) -> None:
    for text in joins(tables, "split"):
        assert any(character in tables.parts for character in text), text


def test_no_carrier_holds_a_term(tables: Tables) -> None:
    assert len(tables.carriers) >= 40
    for _, sentence in tables.carriers:
        assert sentence.count("{}") == 1
        assert not [term.text for term in tables.terms if term.text.casefold() in sentence.casefold()], sentence


def test_there_are_enough_variants_of_each_technique() -> None:
    found = marked("variants.jsonl")
    counts = Counter(item["technique"] for item in found)
    assert len(found) >= 1500
    assert set(counts) == {*TECHNIQUES, "combined"}
    assert min(counts.values()) >= 30
    assert len({item["term"] for item in found}) >= 120
    assert len({item["body"] for item in found}) == len(found)


@pytest.mark.parametrize("name", ["variants.jsonl", "hand.jsonl"])
def test_every_variant_says_where_it_stands(name: str, tables: Tables) -> None:
    known = {term.text for term in tables.terms}
    for item in marked(name):
        there = item["body"][item["from"] : item["to"]]
        assert item["term"] in known
        assert there.strip(), item
        assert 0 <= item["from"] < item["to"] <= len(item["body"])
        assert (there == item["term"]) == (item["technique"] == "plain"), item


def test_variants_are_as_long_as_posts_are() -> None:
    assert all(len(item["body"]) in BODY for item in marked("variants.jsonl"))


@pytest.mark.parametrize("name", ["variants.jsonl", "hand.jsonl"])
def test_only_terms_marked_for_it_are_bent_by_sound_or_by_parts(name: str, tables: Tables) -> None:
    sound, split = joins(tables, "sound"), joins(tables, "split")
    for item in marked(name):
        used = set(item.get("of", [item["technique"]]))
        assert not used & SOUNDING or item["term"] in sound, item
        assert "split" not in used or item["term"] in split, item


def test_there_are_enough_variants_by_hand() -> None:
    found = marked("hand.jsonl")
    assert len(found) >= 150
    assert {item["technique"] for item in found} <= set(TECHNIQUES)
    assert len({item["body"] for item in found}) == len(found)


def test_what_is_innocent_names_the_term_it_comes_near_to(tables: Tables) -> None:
    known = {term.text for term in tables.terms}
    found = clean()
    assert len(found) >= 400
    assert len({item["body"] for item in found}) == len(found)
    for item in found:
        assert set(item) == {"near", "kind", "body"}
        assert item["near"] in known, item
        assert item["kind"] in KINDS, item
        if item["kind"] in {"across", "sense"}:
            assert item["near"].casefold() in item["body"].casefold(), item


@pytest.mark.parametrize("name", ["variants.jsonl", "hand.jsonl", "clean.jsonl"])
def test_what_nobody_sees_is_written_as_an_escape(name: str) -> None:
    assert not [text for text in lines(name) if UNSEEN.search(text)]


def test_the_same_tables_give_the_same_file(tables: Tables) -> None:
    assert [line(found) for found in variants(tables)] == lines("variants.jsonl")


@pytest.mark.parametrize(
    ("syllable", "written"),
    [("du3", "dǔ"), ("liu4", "liù"), ("gui1", "guī"), ("lv4", "lǜ"), ("de5", "de"), ("hao1", "hāo")],
)
def test_tone_marks_stand_where_a_reader_puts_them(syllable: str, written: str) -> None:
    assert toned(syllable) == written
