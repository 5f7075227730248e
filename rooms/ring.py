"""The newest items of one lane, kept once and encoded once per codec; what is hidden loses its body here too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rooms.ports import Item

MAX_ITEMS: Final = 2_000
MAX_BYTES: Final = 4 * 1024 * 1024

Encode = Callable[[str, Item], bytes]

# The kinds whose items carry a text of the post that they name.
_WITH_BODY: Final = frozenset(("msg", "edit", "restore"))


class Entry:
    """One item; `encoded` fills when a viewer of that codec first needs it."""

    __slots__ = ("encoded", "item", "weight")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.weight = weight(item)
        self.encoded: dict[str, bytes] = {}


class Ring:
    """Items `base+1 … head` of a lane in order, without holes; older ones are in the store only."""

    __slots__ = ("_bytes", "_encode", "_entries", "_max_bytes", "_max_items", "base")

    def __init__(self, after: int, encode: Encode, max_items: int = MAX_ITEMS, max_bytes: int = MAX_BYTES) -> None:
        self.base = after
        self._encode = encode
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._entries: list[Entry] = []
        self._bytes = 0

    @property
    def head(self) -> int:
        return self.base + len(self._entries)

    def covers(self, after: int) -> bool:
        """Whether everything after this position is here."""
        return self.base <= after <= self.head

    def append(self, item: Item) -> None:
        """Takes the next item; raises ValueError for any other. Older texts follow what it says of its post."""
        if item["s"] != self.head + 1:
            raise ValueError(f"item {item['s']} after {self.head}")
        if item["k"] == "redact":
            self._hide(item["id"])
        elif item["k"] == "restore" and not item.get("redacted"):
            self._forget_hidden(item["id"])
        entry = Entry(item)
        self._entries.append(entry)
        self._bytes += entry.weight
        self._trim()

    def items(self, after: int, upto: int) -> list[Item]:
        """Items `after+1 … upto`; both positions must be covered."""
        return [entry.item for entry in self._between(after, upto)]

    def encoded(self, codec: str, after: int, upto: int) -> list[bytes]:
        return [self._encoded(codec, entry) for entry in self._between(after, upto)]

    def _between(self, after: int, upto: int) -> list[Entry]:
        if not (self.covers(after) and after <= upto <= self.head):
            raise ValueError(f"{after}..{upto} outside {self.base}..{self.head}")
        return self._entries[after - self.base : upto - self.base]

    def _encoded(self, codec: str, entry: Entry) -> bytes:
        found = entry.encoded.get(codec)
        if found is None:
            found = entry.encoded[codec] = self._encode(codec, entry.item)
        return found

    def _hide(self, post: str) -> None:
        for entry in self._entries:
            item = entry.item
            if item["id"] == post and item["k"] in _WITH_BODY:
                self._bytes -= entry.weight
                entry.item = {"s": item["s"], "k": item["k"], "id": post, "at": item["at"], "redacted": True}
                entry.weight = weight(entry.item)
                entry.encoded = {}
                self._bytes += entry.weight

    def _forget_hidden(self, post: str) -> None:
        """Shown again: the store has the bodies that this ring no longer has, so older positions read there."""
        last = 0
        for place, entry in enumerate(self._entries, 1):
            if entry.item["id"] == post and entry.item.get("redacted"):
                last = place
        self._drop(last)

    def _trim(self) -> None:
        surplus = max(0, len(self._entries) - self._max_items)
        weighed = self._bytes - sum(entry.weight for entry in self._entries[:surplus])
        # The newest item stays, however large: a viewer at the head must be able to get it.
        while weighed > self._max_bytes and surplus < len(self._entries) - 1:
            weighed -= self._entries[surplus].weight
            surplus += 1
        self._drop(surplus)

    def _drop(self, count: int) -> None:
        if count:
            self._bytes -= sum(entry.weight for entry in self._entries[:count])
            del self._entries[:count]
            self.base += count


def weight(item: Item) -> int:
    """About what an item holds in memory: its map, its text, and both encodings of the text (3 bytes a character)."""
    body = item.get("body")
    return 1_024 + (8 * len(body) if isinstance(body, str) else 0)
