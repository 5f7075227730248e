"""The lists' keepers: they read, try, and publish versions; nothing is ever changed in place."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

from kernel.clock import Clock
from kernel.ids import UserId
from kernel.permissions import Action, Actor, permits, require
from kernel.refusals import Refusal
from kernel.text import clean_text, is_blank
from moderation.lists.layers import Layers, advance, build
from moderation.lists.model import (
    CITY,
    NOTHING,
    SETTINGS,
    ListHead,
    ListVersion,
    Written,
    check_size,
    digest_of,
    read_written,
    room_of,
)
from moderation.lists.ports import RecentText, WordListStore
from moderation.lists.trying import Trial, try_list
from moderation.wordlist import BadTerms, Term

T = TypeVar("T")

REASON_MAX: Final = 200
VERSIONS_MAX: Final = 100
TRIED_MAX: Final = 1_000
DIFF_MAX: Final = 1_000
_LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a list: whole texts, or terms to put and to take away; what is None stays."""

    terms: str | None = None
    exceptions: str | None = None
    put: str | None = None
    remove: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """From one version to another; lists are cut at `DIFF_MAX`, counts are not."""

    added: Sequence[Term]
    removed: Sequence[Term]
    changed: Sequence[Term]
    exceptions_added: Sequence[str]
    exceptions_removed: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Signature:
    """Who made a version, and why; `actor` None: the settings' file."""

    by: UserId
    name: str
    reason: str
    actor: Actor | None


class WordLists:
    """What moderators and coordinators ask of lists. `published` is told after each change of this node's own."""

    def __init__(self, store: WordListStore, clock: Clock, *, published: Callable[[], None] | None = None) -> None:
        self._store = store
        self._clock = clock
        self._published = published
        # A trial builds the city's list beside the one in force: one at a time.
        self._trying = asyncio.Lock()

    async def heads(self, actor: Actor) -> Mapping[str, ListHead]:
        require(actor, Action.WORDS_READ)
        return (await self._store.word_list_heads())[1]

    async def read(self, actor: Actor, scope: str, number: int | None = None) -> ListVersion:
        """The newest or the numbered version; of a scope without a list an empty one with the number 0."""
        require(actor, Action.WORDS_READ)
        found = await self._store.word_list(scope, number)
        if found is None and number is not None:
            raise Refusal("not_found")
        return found or _none(scope)

    async def versions(
        self, actor: Actor, scope: str, before: int | None, limit: int
    ) -> tuple[list[ListVersion], int | None]:
        require(actor, Action.WORDS_READ)
        return await self._store.word_list_versions(scope, before, min(limit, VERSIONS_MAX))

    async def difference(self, actor: Actor, scope: str, older: int, newer: int) -> Difference:
        require(actor, Action.WORDS_READ)
        one = _none(scope) if older == 0 else await self.read(actor, scope, older)
        other = await self.read(actor, scope, newer)
        return await asyncio.to_thread(_difference, one, other)

    async def publish(self, actor: Actor, scope: str, change: Change, based_on: int, reason: str) -> ListVersion:
        """The next version. Refused: `stale_version` when the newest is not `based_on` any more, `bad_terms`."""
        require(actor, Action.WORDS_SET)
        why = clean_text(reason).strip()
        if is_blank(why) or len(why) > REASON_MAX:
            raise Refusal("bad_request", field="reason")
        standing = await self.read(actor, scope)
        if standing.number != based_on:
            raise Refusal("stale_version")
        if actor.id is None:
            raise Refusal("unauthenticated")
        version = await self._add(standing, change, _Signature(actor.id, actor.name, why, actor))
        if self._published is not None:
            self._published()
        return version

    async def take_from_settings(self, terms: str) -> ListVersion | None:
        """The settings' file as the city's next version: where there is none yet, or none but the file's own.

        None: it stands so already, or somebody has taken the list over, and the file is not read any more.
        """
        standing = await self._store.word_list(CITY) or _none(CITY)
        if standing.number and standing.by != SETTINGS:
            return None
        change = Change(terms=terms, exceptions="")
        written = await _in_thread(partial(_changed, standing, change))
        if digest_of(written) == standing.digest or (not written.terms and not standing.number):
            return None
        try:
            return await self._add(standing, change, _Signature(SETTINGS, "", "terms_file", None))
        except Refusal as refusal:
            if refusal.code.name == "stale_version":
                return None  # another node has read the same file
            raise

    async def try_out(self, actor: Actor, scope: str, change: Change, n: int) -> Trial:
        """What the change would have done to the newest `n` texts of the scope. Nothing is stored.

        The texts themselves, held and refused ones among them, are for moderators; others get the counts.
        """
        require(actor, Action.WORDS_READ)
        async with self._trying:
            standing = await self.read(actor, scope)
            texts = await self._store.recent_texts(room_of(scope), max(1, min(n, TRIED_MAX)))
            trial = await _in_thread(partial(_tried, texts, standing, change))
        return trial if permits(actor, Action.REVIEW) else replace(trial, changed=())

    async def _add(self, standing: ListVersion, change: Change, sign: _Signature) -> ListVersion:
        """Everything about a long list happens in a thread: posts go on meanwhile."""
        version = await _in_thread(partial(_next, standing, change, sign, self._clock.now_ms()))
        await self._store.add_word_list(version, sign.actor)
        return version


def _none(scope: str) -> ListVersion:
    return ListVersion(scope, 0, SETTINGS, "", 0, "", 0, 0, digest_of(NOTHING), NOTHING.as_csv())


def _changed(standing: ListVersion, change: Change) -> Written:
    terms = standing.terms if change.terms is None else change.terms
    exceptions = standing.exceptions if change.exceptions is None else change.exceptions
    written = read_written(terms, exceptions)
    if change.put is not None or change.remove:
        dropped = set(change.remove)
        kept = {text: term for text, term in written.terms.items() if text not in dropped}
        written = Written({**kept, **read_written(change.put or "").terms}, written.exceptions)
    check_size(standing.scope, written)
    return written


def _next(standing: ListVersion, change: Change, sign: _Signature, at: int) -> ListVersion:
    written = _changed(standing, change)
    terms = written.as_csv()
    return ListVersion(
        scope=standing.scope,
        number=standing.number + 1,
        by=sign.by,
        by_name=sign.name,
        at=at,
        reason=sign.reason,
        count=len(written.terms),
        exception_count=len(written.exceptions),
        digest=digest_of(written, terms),
        terms=terms,
        exceptions="\n".join(written.exceptions),
    )


def _tried(texts: Sequence[RecentText], standing: ListVersion, change: Change) -> Trial:
    layers: Layers = build(read_written(standing.terms, standing.exceptions), beside_posts=True)
    return try_list(texts, layers, advance(layers, _changed(standing, change)))


def _difference(older: ListVersion, newer: ListVersion) -> Difference:
    was, now = read_written(older.terms, older.exceptions), read_written(newer.terms, newer.exceptions)
    older_exceptions, newer_exceptions = set(was.exceptions), set(now.exceptions)
    return Difference(
        added=[term for text, term in now.terms.items() if text not in was.terms],
        removed=[term for text, term in was.terms.items() if text not in now.terms],
        changed=[term for text, term in now.terms.items() if was.terms.get(text, term) != term],
        exceptions_added=[text for text in now.exceptions if text not in older_exceptions],
        exceptions_removed=[text for text in was.exceptions if text not in newer_exceptions],
    )


async def _in_thread(work: Callable[[], T]) -> T:
    """Lists are long; a line that cannot be used is the caller's, and named."""
    try:
        return await asyncio.to_thread(work)
    except BadTerms as fault:
        line = _LINE.search(str(fault))
        raise Refusal("bad_terms", field=f"terms.{line[1]}" if line else "terms") from None
