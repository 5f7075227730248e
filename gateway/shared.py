"""What every reader of a room gets alike: one read and one rendering, however many ask at once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from kernel.refusals import Refusal
from kernel.tasks import spawn

T = TypeVar("T")

# Well inside the second in which a hidden text must be gone from everywhere (C7).
FRESH_S = 0.25
_KEPT = 256


@dataclass(slots=True)
class Shared(Generic[T]):
    """Answers of the last quarter of a second, by key; who comes while one is being fetched waits for the same."""

    fresh_s: float = FRESH_S
    most: int = _KEPT
    _kept: OrderedDict[Hashable, tuple[float, asyncio.Task[T | Refusal]]] = field(default_factory=OrderedDict)

    async def get(self, key: Hashable, fetch: Callable[[], Awaitable[T]]) -> T:
        now = asyncio.get_running_loop().time()
        held = self._kept.get(key)
        # The age counts from the start of the read: what was true then is what it tells.
        if held is None or now - held[0] > self.fresh_s:
            held = (now, spawn(_fetched(fetch), name="shared page read"))
            self._kept[key] = held
            self._kept.move_to_end(key)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        # Shielded: one reader going away must not take the answer from the others.
        answer = await asyncio.shield(held[1])
        if isinstance(answer, Refusal):
            # A new one for each: an exception raised twice grows its traceback.
            raise Refusal(answer.code.name, retry_ms=answer.retry_ms, field=answer.field)
        return answer


async def _fetched(fetch: Callable[[], Awaitable[T]]) -> T | Refusal:
    try:
        return await fetch()
    except Refusal as refusal:
        return refusal


class Renderings:
    """Finished parts of pages by what they were made from; the oldest are forgotten first."""

    def __init__(self, kept: int = 128) -> None:
        self._kept = kept
        self._parts: OrderedDict[Hashable, str] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], str]) -> str:
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = make()
            if len(self._parts) > self._kept:
                self._parts.popitem(last=False)
        else:
            self._parts.move_to_end(key)
        return part
