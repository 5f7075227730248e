"""Hints as bytes: what was not said by a node of this deployment, for this room, once, is refused under a name."""

from __future__ import annotations

import hmac
import random
import struct
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.hint_codec import MAX_HINT, MAX_ITEMS, VERSION, BadHint, HintCodec
from kernel.ids import PostId, RoomId
from rooms.model import Lane
from rooms.ports import Hint

SECRET, ROOM, OTHER = b"s" * 32, RoomId("room-1"), RoomId("room-2")
ITEM = {"s": 7, "k": "msg", "id": "p7", "at": 1, "body": "几点开门？", "by": {"name": "小满", "dept": None}}
HINT = Hint(ROOM, Lane.PUB, "epoch", 7, 7, [ITEM], {PostId("p7"): (1, 0)})


@pytest.fixture
def sender() -> HintCodec:
    return HintCodec(SECRET)


@pytest.fixture
def receiver() -> HintCodec:
    return HintCodec(SECRET)


def refused(codec: HintCodec, payload: bytes, room: RoomId = ROOM, lane: Lane = Lane.PUB) -> str:
    with pytest.raises(BadHint) as bad:
        codec.decode(room, lane, payload)
    return str(bad.value)


def body_of(value: Any, sender: HintCodec) -> bytes:
    """Any body at all, signed as a node would."""
    body: bytes = msgpack.packb(value)
    head = struct.pack(">B8sQ", VERSION, sender._node, 1)
    return head + sender._sign(ROOM, Lane.PUB, head, body) + body


def test_it_arrives_as_it_was(sender: HintCodec, receiver: HintCodec) -> None:
    assert receiver.decode(ROOM, Lane.PUB, sender.encode(HINT)) == HINT


def test_ones_own_is_known_again(sender: HintCodec) -> None:
    assert sender.decode(ROOM, Lane.PUB, sender.encode(HINT)) is None


def test_of_another_deployment_it_is_forged(receiver: HintCodec) -> None:
    assert refused(receiver, HintCodec(b"t" * 32).encode(HINT)) == "forged"


def test_said_again_in_another_room_or_lane_it_is_forged(sender: HintCodec, receiver: HintCodec) -> None:
    payload = sender.encode(HINT)
    assert refused(receiver, payload, room=OTHER) == "forged"
    assert refused(receiver, payload, lane=Lane.DESK) == "forged"
    assert receiver.decode(ROOM, Lane.PUB, payload) == HINT


def test_a_single_bit_changed_anywhere_is_noticed(sender: HintCodec, receiver: HintCodec) -> None:
    payload = sender.encode(HINT)
    for place in range(len(payload)):
        changed = bytearray(payload)
        changed[place] ^= 1 << random.Random(place).randrange(8)
        assert refused(receiver, bytes(changed)) in {"forged", "version"}


def test_cut_off_anywhere_it_is_refused(sender: HintCodec, receiver: HintCodec) -> None:
    payload = sender.encode(HINT)
    assert {refused(receiver, payload[:length]) for length in range(len(payload))} == {"truncated", "forged"}


def test_too_long_it_is_refused_unread(receiver: HintCodec) -> None:
    assert refused(receiver, bytes(MAX_HINT + 1)) == "too_large"


def test_said_twice_it_is_told_once(sender: HintCodec, receiver: HintCodec) -> None:
    """Counts, drafts and presence have no number: an old one said again would undo a newer."""
    old, new = sender.encode(HINT), sender.encode(HINT)
    assert receiver.decode(ROOM, Lane.PUB, new) == HINT
    assert (refused(receiver, new), refused(receiver, old)) == ("repeated", "repeated")


def test_nodes_and_lanes_are_remembered_apart(sender: HintCodec, receiver: HintCodec) -> None:
    first, desk = sender.encode(HINT), sender.encode(Hint(ROOM, Lane.DESK, "e", 1, 1, [ITEM]))
    assert receiver.decode(ROOM, Lane.DESK, desk) is not None
    assert receiver.decode(ROOM, Lane.PUB, first) is not None
    assert receiver.decode(ROOM, Lane.PUB, HintCodec(SECRET).encode(HINT)) == HINT


@given(room=st.text(max_size=40), body=st.binary(max_size=300))
def test_the_signature_is_hmac_as_everybody_knows_it(room: str, body: bytes) -> None:
    key = hmac.digest(SECRET, b"wenzheng bus hint 1", "sha256")
    for lane in Lane:
        signed = b"\0".join((room.encode(), lane.value.encode(), body))
        assert HintCodec(SECRET)._sign(RoomId(room), lane, body[:17], body[17:]) == hmac.digest(key, signed, "sha256")


def test_another_version_is_refused_by_name(sender: HintCodec, receiver: HintCodec) -> None:
    payload = sender.encode(HINT)
    assert refused(receiver, bytes([VERSION + 1]) + payload[1:]) == "version"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (["e", 1, 1, [ITEM] * (MAX_ITEMS + 1), {}, None], "undecodable"),
        (["e", 1, 1, [{1: 2}], {}, None], "undecodable"),
        (["e", 1, 1, [{"s": 1, "k": "msg", "body": b"bytes"}], {}, None], "undecodable"),
        ([["e"] * 600, 1, 1, [], {}, None], "malformed"),
        (["e", 1, 1, [], {}], "malformed"),
        ([1, 1, 1, [], {}, None], "malformed"),
        (["e", 5, 1, [], {}, None], "malformed"),
        (["e", -1, 1, [], {}, None], "malformed"),
        (["e", 1, 2**60, [], {}, None], "malformed"),
        (["e", 1, 1, ["item"], {}, None], "malformed"),
        (["e", 1, 1, [{"s": "1", "k": "msg"}], {}, None], "malformed"),
        (["e", 1, 1, [{"s": True, "k": "msg"}], {}, None], "malformed"),
        (["e", 1, 1, [], {"p": [1]}, None], "malformed"),
        (["e", 1, 1, [], {"p": ["1", 2]}, None], "malformed"),
        (["e", 0, 0, [], {}, {"x": 1}], "malformed"),
        (["e" * 65, 1, 1, [], {}, None], "malformed"),
        ("hint", "malformed"),
    ],
)
def test_a_sound_signature_excuses_nothing(sender: HintCodec, receiver: HintCodec, value: Any, why: str) -> None:
    assert refused(receiver, body_of(value, sender)) == why


@given(st.binary(max_size=400))
def test_rubbish_under_a_sound_signature_is_refused_and_nothing_worse(rubbish: bytes) -> None:
    sender, receiver = HintCodec(SECRET), HintCodec(SECRET)
    head = struct.pack(">B8sQ", VERSION, sender._node, 1)
    payload = head + sender._sign(ROOM, Lane.PUB, head, rubbish) + rubbish
    with pytest.raises(BadHint, match=r"undecodable|malformed"):
        receiver.decode(ROOM, Lane.PUB, payload)


def test_one_too_long_goes_without_its_items_and_says_where_to_look(sender: HintCodec, receiver: HintCodec) -> None:
    hint = Hint(ROOM, Lane.PUB, "e", 1, 40, [{**ITEM, "s": s, "body": "长" * 10_000} for s in range(1, 41)])
    told = receiver.decode(ROOM, Lane.PUB, sender.encode(hint))
    assert told == Hint(ROOM, Lane.PUB, "e", 1, 40, [])


@pytest.mark.parametrize(
    ("aside", "why"), [({"k": "x", "v": object()}, "unencodable"), ({"k": "x", "v": "长" * MAX_HINT}, "too_large")]
)
def test_what_no_hint_can_carry_is_refused_here(sender: HintCodec, aside: dict[str, Any], why: str) -> None:
    with pytest.raises(BadHint, match=why):
        sender.encode(Hint(ROOM, Lane.DESK, "", 0, 0, [], aside=aside))


def test_negative_control_without_the_check_a_forged_hint_is_believed(
    receiver: HintCodec, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = HintCodec(b"t" * 32).encode(HINT)
    monkeypatch.setattr(receiver, "_genuine", lambda mac, ours: True)
    assert receiver.decode(ROOM, Lane.PUB, forged) == HINT
