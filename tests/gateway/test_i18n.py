"""The catalogues: complete, used, alike in both languages, and read alike by both readers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from gateway import i18n
from gateway.pages.said import SAID
from gateway.pages.signin import DEMO_ACCOUNTS
from kernel.permissions import Role
from kernel.refusals import CODES
from rooms.model import PostKind, RoomState

ROOT = Path(__file__).resolve().parents[2]
VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "i18n_vectors.json").read_text("utf-8"))
HOLE = re.compile(r"\{(\w+)\}")
# A key, or the beginning of one that code finishes: `'err.'`.
NAMED = re.compile(r"""['"`]([a-z]+\.[a-z0-9_.]*)""")
CALLED = re.compile(r"""(?<![\w.])t\(\s*'([a-z]+\.[a-z0-9_.]*)'""")


def sources() -> list[str]:
    found = [ROOT / "gateway" / "app.py"]
    for folder, pattern in (("gateway/templates", "*.html"), ("gateway/pages", "*.py"), ("web/src", "**/*.ts")):
        found.extend((ROOT / folder).glob(pattern))
    found.extend((ROOT / "web/src").glob("**/*.vue"))
    return [path.read_text("utf-8") for path in found]


def request(query: str = "", cookie: str = "", accept: str = "") -> Request:
    headers = [(b"cookie", cookie.encode()), (b"accept-language", accept.encode())]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": headers})


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["text"][:24])
def test_messages_are_read_as_the_shared_vectors_say(vector: dict[str, Any]) -> None:
    assert i18n.interpolate(vector["lang"], vector["message"], vector["params"]) == vector["text"]


def test_both_languages_have_the_same_keys_in_order() -> None:
    chinese, english = (list(i18n.catalogue(lang)) for lang in i18n.LANGUAGES)
    assert chinese == english == sorted(chinese)


def test_both_languages_take_the_same_parameters() -> None:
    chinese, english = (i18n.catalogue(lang) for lang in i18n.LANGUAGES)
    for key in chinese:
        assert holes(chinese[key]) == holes(english[key]), key


def test_plurals_have_one_and_other_and_nothing_more() -> None:
    for lang in i18n.LANGUAGES:
        for key, message in i18n.catalogue(lang).items():
            if not isinstance(message, str):
                assert set(message) == {"one", "other"}, key
                assert "{n}" in message["other"], key


def test_every_key_is_used() -> None:
    named = {name for source in sources() for name in NAMED.findall(source)}
    beginnings = tuple(name for name in named if name.endswith("."))
    unused = [key for key in i18n.catalogue("en") if key not in named and not key.startswith(beginnings)]
    assert unused == []


def test_every_key_asked_for_exists() -> None:
    asked = {name for source in sources() for name in CALLED.findall(source)}
    catalogue = i18n.catalogue("en")
    missing = [key for key in asked if key not in catalogue and not key.endswith(".")]
    assert len(asked) > 100
    assert missing == []


def test_what_code_puts_together_exists() -> None:
    built = [
        *(f"err.{code}" for code in CODES),
        *(f"role.{role.value}" for role in Role),
        *(f"kind.{kind.value}" for kind in PostKind),
        *(f"room.{state.value}" for state in RoomState),
        *(f"rule.{rule}" for rule in range(1, 9)),
        *(f"phase.{phase}" for phase in PHASES),
        *(f"said.{code}" for code in SAID),
        *(f"demo.{account}" for account in DEMO_ACCOUNTS),
    ]
    assert [key for key in built if not i18n.knows(key)] == []


PHASES = ("length", "repetition", "pace", "wordlist", "personal", "links", "hook", "premoderation")


@pytest.mark.parametrize(
    ("query", "cookie", "accept", "expected"),
    [
        ("lang=en", "wz_lang=zh-CN", "zh-CN", "en"),
        ("lang=fr", "wz_lang=en", "zh-CN", "en"),
        ("", "wz_lang=en", "zh-CN", "en"),
        ("", "wz_lang=xx", "en-GB,en;q=0.9", "en"),
        ("", "", "fr, en;q=0.4, zh-TW;q=0.8", "zh-CN"),
        ("", "", "zh;q=0, en;q=0.1", "en"),
        ("", "", "en;q=rubbish", "zh-CN"),
        ("", "", "", "zh-CN"),
    ],
)
def test_language_is_the_wish_then_the_cookie_then_the_browser(
    query: str, cookie: str, accept: str, expected: str
) -> None:
    assert i18n.language(request(query, cookie, accept)) == expected


def test_times_are_the_citys() -> None:
    ms = 1_447_826_400_000
    assert i18n.clock_time("en", ms) == "14:00"
    assert i18n.long_moment("zh-CN", ms) == "2015年11月18日 14:00"
    assert i18n.long_moment("en", ms) == "18 November 2015, 14:00"
    assert i18n.iso(ms) == "2015-11-18T14:00:00+08:00"


def test_the_day_stands_beside_a_time_of_another_day() -> None:
    noon = 1_447_819_200_000
    assert i18n.stamped("zh-CN", noon + 3_600_000, noon) == "13:00"
    assert i18n.stamped("zh-CN", noon + 12 * 3_600_000, noon) == "11月19日 00:00"
    assert i18n.stamped("en", noon - 13 * 3_600_000, noon) == "17 Nov 23:00"


def holes(message: i18n.Message) -> set[str]:
    return set(HOLE.findall(message if isinstance(message, str) else message["other"]))
