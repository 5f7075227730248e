"""Both codecs: the same values, the same limits, the same verdict, and no surprise for memory or time."""

from __future__ import annotations

import json
import time
import tracemalloc
from importlib.resources import files
from typing import Any

import msgpack
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs import CODECS, MAX_ARRAY, MAX_DEPTH, MAX_MAP, MAX_MESSAGE, MAX_NUMBER, Undecodable

JSON, MSGPACK = CODECS["json"], CODECS["msgpack"]
VECTORS = json.loads((files("wenzheng.conformance") / "vectors.json").read_text("utf-8"))

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_NUMBER, MAX_NUMBER)
    | st.floats(-MAX_NUMBER, MAX_NUMBER, allow_nan=False)
    | TEXTS
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5))
# Beyond the data model as well: large numbers, deep nests, wide maps.
WILD = st.recursive(
    LEAVES | st.integers(-(2**63), 2**64 - 1) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3) | inner.map(lambda v: [[v]]),
    max_leaves=30,
)


def verdict(name: str, payload: bytes) -> Any:
    try:
        return CODECS[name].decode(payload)
    except Undecodable:
        return Undecodable


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["json"][:40])
def test_golden_vectors(vector: dict[str, Any]) -> None:
    assert JSON.encode(vector["value"]) == vector["json"].encode()
    assert MSGPACK.encode(vector["value"]) == bytes.fromhex(vector["msgpack"])
    assert JSON.decode(vector["json"].encode()) == vector["value"]
    assert MSGPACK.decode(bytes.fromhex(vector["msgpack"])) == vector["value"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["why"])
def test_refused_by_both(vector: dict[str, Any]) -> None:
    assert verdict("json", vector["json"].encode()) is Undecodable
    assert verdict("msgpack", bytes.fromhex(vector["msgpack"])) is Undecodable


@given(VALUES)
def test_what_one_side_encodes_the_other_decodes(value: Any) -> None:
    for codec in (JSON, MSGPACK):
        try:
            assert codec.decode(codec.encode(value)) == value
        except Undecodable:
            assert _depth(value) > MAX_DEPTH


@settings(max_examples=400)
@given(WILD)
def test_the_same_data_gets_the_same_verdict(value: Any) -> None:
    # JSON cannot write infinity and NaN at all; `null` stands for them there, so such values are left out.
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        assert verdict("json", json.dumps(value).encode()) is Undecodable
        return
    assert verdict("json", text.encode()) == verdict("msgpack", msgpack.packb(value))


def test_the_word_for_no_number_is_a_word_like_any_other() -> None:
    assert verdict("json", b'{"NaN": null}') == verdict("msgpack", msgpack.packb({"NaN": None})) == {"NaN": None}


@settings(max_examples=400)
@given(st.binary(max_size=200))
def test_rubbish_is_undecodable_and_nothing_worse(payload: bytes) -> None:
    for name in CODECS:
        verdict(name, payload)


def test_duplicate_keys_the_last_wins_in_both() -> None:
    assert JSON.decode(b'{"a":1,"a":2}') == {"a": 2}
    assert MSGPACK.decode(b"\x82\xa1a\x01\xa1a\x02") == {"a": 2}


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"\xc4\x00", id="empty bytes"),
        pytest.param(b"\xc4\x01a", id="bytes"),
        pytest.param(b"\x81\xc4\x01a\x01", id="bytes as key"),
        pytest.param(b"\x81\x01\x01", id="number as key"),
        pytest.param(b"\xc7\x00\x05", id="empty extension"),
        pytest.param(b"\xd4\x05a", id="extension"),
        pytest.param(b"\xd6\xff\x00\x00\x00\x00", id="timestamp"),
        pytest.param(b"\xc1", id="never used"),
    ],
)
def test_msgpack_types_without_a_counterpart_are_refused(payload: bytes) -> None:
    assert verdict("msgpack", payload) is Undecodable
    assert verdict("msgpack", b"\x91" + payload) is Undecodable


@pytest.mark.parametrize("size", [MAX_ARRAY, MAX_ARRAY + 1])
def test_lists_are_bounded_alike(size: int) -> None:
    value = [0] * size
    expected = value if size == MAX_ARRAY else Undecodable
    assert verdict("json", orjson.dumps(value)) == verdict("msgpack", msgpack.packb(value)) == expected


@pytest.mark.parametrize("size", [MAX_MAP, MAX_MAP + 1])
def test_maps_are_bounded_alike(size: int) -> None:
    value = {str(n): n for n in range(size)}
    expected = value if size == MAX_MAP else Undecodable
    assert verdict("json", orjson.dumps(value)) == verdict("msgpack", msgpack.packb(value)) == expected


def test_messages_are_bounded() -> None:
    assert verdict("json", b'"' + b"a" * MAX_MESSAGE + b'"') is Undecodable
    assert verdict("msgpack", msgpack.packb("a" * MAX_MESSAGE)) is Undecodable


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        pytest.param("json", b"[" * MAX_MESSAGE, id="json depth"),
        pytest.param("json", b'{"a":' * (MAX_MESSAGE // 5), id="json maps"),
        pytest.param("json", b'["' + b'\\"' * (MAX_MESSAGE // 2 - 2), id="json quote never closed"),
        pytest.param("json", b"[" + b"[]," * (MAX_MESSAGE // 3 - 2) + b"[]]", id="json many lists"),
        pytest.param("json", b"[" + b'"\\\\",' * (MAX_MESSAGE // 5 - 2) + b"0]", id="json many strings"),
        pytest.param("msgpack", b"\x91" * MAX_MESSAGE, id="msgpack depth"),
        pytest.param("msgpack", b"\xdd\x7f\xff\xff\xff", id="msgpack long list claimed"),
        pytest.param("msgpack", b"\xdf\x7f\xff\xff\xff", id="msgpack long map claimed"),
        pytest.param("msgpack", b"\xdb\x7f\xff\xff\xff", id="msgpack long text claimed"),
        pytest.param("msgpack", b"\xdc\x01\x00" * (MAX_MESSAGE // 3), id="msgpack lists of lists"),
    ],
)
def test_bombs_cost_little_memory_and_time(name: str, payload: bytes) -> None:
    tracemalloc.start()
    began = time.process_time()
    try:
        assert verdict(name, payload) is Undecodable
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024
    assert time.process_time() - began < 0.5


@given(st.lists(VALUES, max_size=5))
def test_a_message_joined_from_encoded_items_equals_one_encoded_whole(values: list[Any]) -> None:
    head = {"t": "ev", "r": "room", "l": "pub", "ep": "e", "a": 1, "b": len(values)}
    for codec in (JSON, MSGPACK):
        joined = codec.join_event(head, [codec.encode(value) for value in values])
        assert joined == codec.encode([{**head, "x": values}])


def _depth(value: Any) -> int:
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 0
