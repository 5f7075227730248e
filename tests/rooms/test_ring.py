"""The ring keeps order and forgets bodies as soon as the lane says so."""

from __future__ import annotations

import json

import pytest

from rooms.ports import Item
from rooms.ring import Ring


def encode(codec: str, item: Item) -> bytes:
    return f"{codec}:{json.dumps(item)}".encode()


def msg(seq: int, post: str, body: str = "secret", kind: str = "msg") -> Item:
    return {"s": seq, "k": kind, "id": post, "at": seq, "body": body, "by": {"name": "a"}}


def test_a_hole_is_refused() -> None:
    ring = Ring(4, encode)
    ring.append(msg(5, "p"))
    with pytest.raises(ValueError, match="7 after 5"):
        ring.append(msg(7, "q"))
    with pytest.raises(ValueError, match="5 after 5"):
        ring.append(msg(5, "q"))


def test_each_item_is_encoded_once_for_each_codec() -> None:
    encoded: list[str] = []

    def count(codec: str, item: Item) -> bytes:
        encoded.append(codec)
        return encode(codec, item)

    ring = Ring(0, count)
    ring.append(msg(1, "p"))
    for _ in range(3):
        ring.encoded("json", 0, 1)
        ring.encoded("msgpack", 0, 1)
    assert encoded == ["json", "msgpack"]


def test_the_oldest_leave_when_there_are_too_many() -> None:
    ring = Ring(0, encode, max_items=3)
    for seq in range(1, 6):
        ring.append(msg(seq, f"p{seq}"))
    assert (ring.base, ring.head) == (2, 5)
    assert not ring.covers(1)
    assert [item["s"] for item in ring.items(2, 5)] == [3, 4, 5]


def test_the_oldest_leave_when_they_weigh_too_much() -> None:
    ring = Ring(0, encode, max_bytes=250_000)
    for seq in range(1, 5):
        ring.append(msg(seq, f"p{seq}", body="长" * 10_000))
    assert (ring.base, ring.head) == (1, 4)


def test_the_newest_stays_however_large() -> None:
    ring = Ring(0, encode, max_bytes=10)
    ring.append(msg(1, "p"))
    ring.append(msg(2, "q"))
    assert (ring.base, ring.head) == (1, 2)


@pytest.mark.parametrize("kind", ["msg", "edit", "restore"])
def test_a_redaction_takes_the_body_and_the_author_from_every_older_item(kind: str) -> None:
    ring = Ring(0, encode)
    ring.append(msg(1, "p", kind=kind))
    ring.append(msg(2, "other", body="stays"))
    assert b"secret" in b"".join(ring.encoded("json", 0, 2))  # encoded before, so the cache must go as well

    ring.append({"s": 3, "k": "redact", "id": "p", "at": 3, "reason": "privacy"})

    assert ring.items(0, 1) == [{"s": 1, "k": kind, "id": "p", "at": 1, "redacted": True}]
    assert b"secret" not in b"".join(ring.encoded("json", 0, 3))
    assert b"stays" in b"".join(ring.encoded("json", 0, 3))


def test_negative_control_without_the_rewriting_the_body_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ring, "_hide", lambda self, post: None)
    ring = Ring(0, encode)
    ring.append(msg(1, "p"))
    ring.append({"s": 2, "k": "redact", "id": "p", "at": 2, "reason": "privacy"})
    assert b"secret" in b"".join(ring.encoded("json", 0, 2))


def test_after_a_restore_the_items_that_lost_their_bodies_are_left_to_the_store() -> None:
    ring = Ring(0, encode)
    ring.append(msg(1, "p"))
    ring.append(msg(2, "other"))
    ring.append({"s": 3, "k": "redact", "id": "p", "at": 3, "reason": "privacy"})

    ring.append(msg(4, "p", kind="restore"))

    assert ring.base == 1
    assert [item["s"] for item in ring.items(1, 4)] == [2, 3, 4]
    assert ring.items(3, 4)[0]["body"] == "secret"


def test_a_restore_hidden_again_before_it_was_read_gives_nothing_back() -> None:
    ring = Ring(0, encode)
    ring.append({"s": 1, "k": "msg", "id": "p", "at": 1, "redacted": True})
    ring.append({"s": 2, "k": "restore", "id": "p", "at": 2, "redacted": True})
    assert ring.base == 0
