"""Every client frame: what is understood, what is refused, and that none exists without a permission."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.live.commands import HANDLERS
from gateway.wire import COMMANDS, MAX_FRAMES, POST_ACTIONS, Fetch, Hello, Join, PostFrame, RoomSet, frames_of, parse
from kernel.permissions import GRANTS
from kernel.refusals import Refusal
from rooms.model import PostKind

GOOD: dict[str, dict[str, Any]] = {
    "hello": {},
    "join": {"room": "r", "lanes": ["pub", "desk"], "pos": {"pub": {"ep": "e", "seq": 3}}, "tail": 5},
    "leave": {"room": "r"},
    "fetch": {"room": "r", "lane": "pub", "from": 1, "to": 200},
    "post": {"room": "r", "cid": "c", "kind": "question", "body": "b", "reply_to": "p"},
    "revise": {"post": "p", "ver": 1, "body": "b"},
    "withdraw": {"post": "p"},
    "mod.pull": {"room": "r", "post": "p", "n": 5},
    "mod.extend": {"post": "p", "ver": 1},
    "mod.release": {"post": "p", "ver": 1},
    "mod.reopen": {"post": "p", "ver": 1},
    "mod.mask": {"post": "p", "ver": 1, "spans": [[0, 3]]},
    "mod.ask": {"post": "p", "cid": "c", "body": "b"},
    "mod.alike": {"post": "p"},
    "mod.decide_all": {"posts": [{"post": "p", "ver": 1}], "verdict": "publish"},
    "mod.merge": {"post": "p", "ver": 1, "posts": [{"post": "q", "ver": 1}]},
    "mod.decide": {"post": "p", "ver": 1, "verdict": "reject", "reason": "off_topic", "note": "n"},
    "mod.appeal": {"appeal": "a", "outcome": "reversed", "note": "n"},
    "mod.report": {"post": "p", "outcome": "redacted", "reason": "privacy", "note": "n"},
    "mod.reinstate": {"post": "p", "ver": 1, "note": "n"},
    "appeal": {"post": "p", "text": "t"},
    "report": {"post": "p", "reason": "abuse", "note": "n"},
    "redact": {"post": "p", "reason": "privacy", "proposal": 1},
    "redact.decline": {"post": "p", "proposal": 1, "note": "x"},
    "restore": {"post": "p", "reason": "mistake"},
    "pin": {"post": "p", "on": True},
    "stage": {"post": "p", "on": False},
    "vote": {"post": "p", "v": -1},
    "presence": {"room": "r", "post": "p", "doing": "writing"},
    "draft": {"room": "r", "post": "p", "body": "b", "ver": 0},
    "room.set": {"room": "r", "set": {"policy": {"slow_ms": 5}, "freeze": True}},
}
OPTIONAL = {
    "join": {"lanes", "pos", "tail"},
    "post": {"reply_to"},
    "mod.pull": {"room", "post", "n"},
    "mod.decide": {"reason", "note"},
    "mod.appeal": {"note"},
    "mod.report": {"reason", "note"},
    "mod.reinstate": {"note"},
    "appeal": {"text"},
    "report": {"note"},
    "presence": {"post"},
    "redact": {"proposal"},
    "redact.decline": {"proposal", "note"},
}
WRONG: tuple[Any, ...] = (7.5, [], {"a": 1}, [1])


def frame(kind: str, /, **changes: Any) -> dict[str, Any]:
    return {"t": kind, "id": "1", **GOOD[kind], **changes}


def code(given_frame: Any) -> str | None:
    refusal = parse(given_frame).refusal
    return refusal.code.name if refusal else None


def test_every_frame_of_the_contract_has_a_model_a_handler_and_a_permission() -> None:
    assert set(COMMANDS) == set(HANDLERS) == set(GOOD)
    for kind, command in COMMANDS.items():
        assert command.actions, kind
        assert all(action in GRANTS for action in command.actions), kind
    assert set(POST_ACTIONS) == set(PostKind)


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_frame_is_understood(kind: str) -> None:
    parsed = parse(frame(kind, something_new={"deep": [1]}))
    assert (parsed.id, parsed.kind, parsed.refusal) == ("1", kind, None)


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in GOOD.items() for field in fields])
def test_a_known_field_of_a_wrong_type_is_a_bad_frame(kind: str, field: str) -> None:
    for wrong in WRONG:
        if type(wrong) is not type(GOOD[kind][field]) or not wrong:
            if (kind, field) in (("join", "pos"), ("room.set", "set")) and isinstance(wrong, dict):
                continue  # a map without known fields is an empty one
            assert code(frame(kind, **{field: wrong})) == "bad_frame", wrong


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in GOOD.items() for field in fields])
def test_what_is_not_optional_must_be_there(kind: str, field: str) -> None:
    without = frame(kind)
    del without[field]
    assert code(without) == (None if field in OPTIONAL.get(kind, set()) else "bad_frame")


@pytest.mark.parametrize(
    ("given_frame", "expected", "echo"),
    [
        ({"t": "dance", "id": 3}, "unknown_command", 3),
        ({"t": "dance"}, "unknown_command", None),
        ({"id": "x"}, "bad_frame", "x"),
        ({"t": 5, "id": "x"}, "bad_frame", "x"),
        ({"t": "leave", "room": "r"}, "bad_frame", None),
        ({"t": "leave", "room": "r", "id": True}, "bad_frame", None),
        ({"t": "leave", "room": "r", "id": "x" * 65}, "bad_frame", None),
        ({"t": "leave", "room": "r", "id": 2**53 + 1}, "bad_frame", None),
        ({"t": "leave", "room": "r", "id": ["x"]}, "bad_frame", None),
        (7, "bad_frame", None),
        ([], "bad_frame", None),
        (None, "bad_frame", None),
    ],
)
def test_the_id_is_echoed_only_where_it_is_one(given_frame: Any, expected: str, echo: Any) -> None:
    assert code(given_frame) == expected
    assert parse(given_frame).id == echo


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"body": ""}, "bad_frame"),
        ({"body": " \u200b\n\u3000"}, "bad_frame"),
        ({"body": "\u202e\u0000"}, "bad_frame"),
        ({"body": "长" * 10_000}, None),
        ({"body": "长" * 10_001}, "too_large"),
        ({"body": "x" * 100_000}, "too_large"),
        ({"body": "e\u0301" * 10_000}, None),  # two characters as sent, one as stored
        ({"body": " " * 20_000 + "x"}, None),
        ({"cid": ""}, "bad_frame"),
        ({"cid": "c" * 64}, None),
        ({"cid": "c" * 65}, "bad_frame"),
        ({"kind": "answer"}, "bad_frame"),
        ({"reply_to": None}, None),
    ],
)
def test_posts(changes: dict[str, Any], expected: str | None) -> None:
    assert code(frame("post", **changes)) == expected


def test_a_body_is_cleaned_on_the_way_in() -> None:
    parsed = parse(frame("post", body=" a\u202eb\r\nc\x00 ")).frame
    assert isinstance(parsed, PostFrame)
    assert parsed.body == "ab\nc"


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("vote", {"v": True}, "bad_frame"),
        ("vote", {"v": 1.0}, "bad_frame"),
        ("vote", {"v": 2}, "bad_frame"),
        ("vote", {"v": 0}, None),
        ("pin", {"on": 1}, "bad_frame"),
        ("redact", {"reason": "It was rude."}, "bad_frame"),
        ("fetch", {"from": 1, "to": 201}, "bad_frame"),
        ("fetch", {"from": 5, "to": 4}, "bad_frame"),
        ("fetch", {"from": 0, "to": 4}, "bad_frame"),
        ("fetch", {"lane": "chat"}, "bad_frame"),
        ("join", {"lanes": []}, "bad_frame"),
        ("join", {"lanes": ["pub", "chat"]}, "bad_frame"),
        ("join", {"lanes": ["pub", "pub"]}, None),
        ("join", {"tail": -1}, "bad_frame"),
        ("join", {"tail": 100_000}, None),
        ("join", {"pos": {"pub": {"ep": "e", "seq": -1}}}, "bad_frame"),
        ("join", {"pos": {"pub": {"ep": "e", "seq": 2**53}}}, None),
        ("join", {"pos": {"pub": {"ep": "e", "seq": 2**53 + 1}}}, "bad_frame"),
        ("join", {"pos": {"pub": {"ep": 5, "seq": 1}}}, "bad_frame"),
        ("join", {"pos": {"chat": 7}}, None),
        ("join", {"pos": None}, None),
        ("hello", {"token": "a", "ticket": "b"}, "bad_frame"),
        ("hello", {"token": None}, None),
        ("hello", {"token": 7}, "bad_frame"),
        ("mod.decide", {"verdict": "maybe"}, "bad_frame"),
        ("mod.pull", {"n": 0}, "bad_frame"),
        ("room.set", {"set": {"policy": {"slow_ms": -1}}}, "bad_frame"),
        ("room.set", {"set": {"policy": {"guests": None}}}, "bad_frame"),
        ("room.set", {"set": {"policy": {"weather": "fine"}}}, None),
    ],
)
def test_bounds(kind: str, changes: dict[str, Any], expected: str | None) -> None:
    assert code(frame(kind, **changes)) == expected


def test_only_the_policy_fields_given_are_passed_on() -> None:
    parsed = parse(frame("room.set", set={"policy": {"guests": False, "weather": 1}})).frame
    assert isinstance(parsed, RoomSet)
    assert (parsed.policy(), parsed.set.freeze) == ({"guests": False}, None)


def test_names_of_the_contract_that_are_words_of_python() -> None:
    fetch = parse(frame("fetch")).frame
    assert isinstance(fetch, Fetch)
    assert (fetch.first, fetch.last) == (1, 200)
    join = parse({"t": "join", "id": 1, "room": "r"}).frame
    assert isinstance(join, Join)
    assert (join.lanes, join.tail, join.position("pub")) == (["pub"], 50, None)
    assert isinstance(parse(frame("hello")).frame, Hello)


@pytest.mark.parametrize("message", [None, 7, "x", {}, [], [{}] * (MAX_FRAMES + 1)])
def test_a_message_is_a_list_of_one_to_sixteen(message: Any) -> None:
    with pytest.raises(Refusal, match="bad_frame"):
        frames_of(message)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["t", "id", "room", "post", "body", "pos", "lanes", "set", "v"]), inner, max_size=5
            )
        ),
    ),
    st.sampled_from([*COMMANDS, "x"]),
)
def test_no_shape_of_data_breaks_the_parser(value: Any, kind: str) -> None:
    parse(value)
    parse({**value, "t": kind} if isinstance(value, dict) else {"t": kind, "id": value})
