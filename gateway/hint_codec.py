"""Hints as bytes: versioned MessagePack under a signature, so that a writer to Redis cannot put words into a room.

    version 1 · node 8 · number 8 · HMAC-SHA256 32 · [epoch, a, b, items, tally, aside]

Room and lane, which the channel names, are signed too: a hint said again in another room is forged there.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

import msgpack

from gateway.unpacking import NotMessagePack, unpack
from kernel.ids import PostId, RoomId
from rooms.model import Lane
from rooms.ports import Hint

VERSION: Final = 1
# A longer one goes without its items: whoever gets it reads the store.
MAX_HINT: Final = 256 * 1024
MAX_ITEMS: Final = 1024
MAX_NUMBER: Final = 2**53
_MAX_KEYS: Final = 1024
_MAX_EPOCH: Final = 64
_FIELDS: Final = 6
_HEAD: Final = struct.Struct(">B8sQ")
_SIGNED_HEAD: Final = struct.Struct(">B8sQ32s")
_SMALLEST: Final = _SIGNED_HEAD.size
# Of SHA-256, to which HMAC fills the key up.
_BLOCK: Final = 64
# So many rooms, lanes and nodes are remembered against hints said twice.
_MAX_ORIGINS: Final = 8192


class BadHint(Exception):
    """Not a hint that may be used; its text is a word to count it under."""


class HintCodec:
    """One node's. `secret` is the deployment's: all nodes of one store hold it, and nobody else."""

    def __init__(self, secret: bytes) -> None:
        key = hmac.digest(secret, b"wenzheng bus hint 1", "sha256").ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))
        self._node = secrets.token_bytes(8)
        self._number = 0
        self._newest: OrderedDict[bytes, int] = OrderedDict()

    def encode(self, hint: Hint) -> bytes:
        """Raises `BadHint` for what no hint can carry."""
        body = _pack(hint, hint.items)
        if len(body) > MAX_HINT - _SMALLEST:
            body = _pack(hint, [])
        if len(body) > MAX_HINT - _SMALLEST:
            raise BadHint("too_large")
        self._number += 1
        head = _HEAD.pack(VERSION, self._node, self._number)
        return b"".join((head, self._sign(hint.room, hint.lane, head, body), body))

    def decode(self, room: RoomId, lane: Lane, payload: bytes) -> Hint | None:
        """What came over the channel of that room and lane; None for this node's own. Raises `BadHint`."""
        if len(payload) > MAX_HINT:
            raise BadHint("too_large")
        if len(payload) < _SMALLEST:
            raise BadHint("truncated")
        version, node, number, mac = _SIGNED_HEAD.unpack_from(payload)
        if node == self._node:
            return None
        if version != VERSION:
            raise BadHint("version")
        head, body = payload[: _HEAD.size], payload[_SMALLEST:]
        if not self._genuine(mac, self._sign(room, lane, head, body)):
            raise BadHint("forged")
        hint = _unpack(room, lane, body)
        self._refuse_said_before("\0".join((room, lane)).encode() + node, number)
        return hint

    def _sign(self, room: RoomId, lane: Lane, head: bytes, body: bytes) -> bytes:
        """HMAC-SHA256, from the two states that depend on the key alone: in one call it would take twice as long."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(b"".join(("\0".join((room, lane, "")).encode(), head, body)))
        outer.update(inner.digest())
        return outer.digest()

    def _genuine(self, mac: bytes, ours: bytes) -> bool:
        return hmac.compare_digest(mac, ours)

    def _refuse_said_before(self, origin: bytes, number: int) -> None:
        """Events have numbers of their own; counts, drafts and presence do not, and old ones must not come back."""
        if number <= self._newest.get(origin, 0):
            raise BadHint("repeated")
        self._newest[origin] = number
        self._newest.move_to_end(origin)
        if len(self._newest) > _MAX_ORIGINS:
            self._newest.popitem(last=False)


def _pack(hint: Hint, items: list[dict[str, Any]]) -> bytes:
    body = [hint.epoch, hint.a, hint.b, items, hint.tally, hint.aside]
    try:
        packed: bytes = msgpack.packb(body, default=_plain)
    except (TypeError, ValueError, OverflowError) as fault:
        raise BadHint("unencodable") from fault
    return packed


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a hint cannot carry {type(value).__name__}")


def _unpack(room: RoomId, lane: Lane, body: bytes) -> Hint:
    """Every limit explicit: a node of another version, or a leaked secret, must not cost more than one hint."""
    try:
        said = unpack(body, arrays=MAX_ITEMS, maps=_MAX_KEYS, text=MAX_HINT)
    except NotMessagePack as fault:
        raise BadHint("undecodable") from fault
    if type(said) is list and len(said) == _FIELDS:
        epoch, a, b, items, tally, aside = said
        if (
            type(epoch) is str
            and len(epoch) <= _MAX_EPOCH
            and type(a) is int
            and type(b) is int
            and 0 <= a <= b + 1 <= MAX_NUMBER
            and _are_items(items)
            and type(tally) is dict
            and (aside is None or _is_aside(aside))
        ):
            return Hint(room, lane, epoch, a, b, items, _counts(tally) if tally else {}, aside)
    raise BadHint("malformed")


def _are_items(items: object) -> TypeGuard[list[dict[str, Any]]]:
    if type(items) is not list:
        return False
    for item in items:
        if type(item) is not dict or type(item.get("s")) is not int or type(item.get("k")) is not str:
            return False
    return True


def _counts(tally: dict[PostId, object]) -> dict[PostId, tuple[int, int]]:
    counts = {}
    for post, votes in tally.items():
        if type(votes) is not list or len(votes) != 2 or not all(type(number) is int for number in votes):
            raise BadHint("malformed")
        counts[post] = (votes[0], votes[1])
    return counts


def _is_aside(aside: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(aside, dict) and isinstance(aside.get("k"), str)
