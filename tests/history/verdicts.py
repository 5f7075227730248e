"""One verdict for each version of a post, by somebody who held it (I6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import inf

from tests.history.recorder import History, Operation
from tests.history.truth import Truth, Violation

Version = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Hold:
    """A lease as the record knows it: it began between `asked` and `got`."""

    moderator: str
    asked: float
    got: float


def check_verdicts(history: History, truth: Truth, lease_s: float | None) -> Iterator[Violation]:
    decided: dict[Version, set[tuple[str, str]]] = defaultdict(set)
    for one in history.operations:
        if one.op != "mod.decide" or one.outcome != "ok" or truth.forgiven(one.ended or 0):
            continue
        version = (one.get("post"), one.get("ver"))
        verdict = (one.get("moderator"), str(one.get("verdict")))
        decided[version].add(verdict)
        recorded = truth.rulings.get(version)
        if recorded != verdict:
            yield _of(one, f"{version} was acknowledged as {verdict}, the store has {recorded}")
        yield from _published_what_was_read(one, truth)
    for version, verdicts in decided.items():
        if len(verdicts) > 1:
            yield Violation("I6", f"{version} has several verdicts: {sorted(verdicts)}")
    yield from _told_once(truth)
    if lease_s is not None:
        yield from _held(history, truth, lease_s)


def _published_what_was_read(one: Operation, truth: Truth) -> Iterator[Violation]:
    post, seq = truth.posts.get(one.get("post")), one.answer.get("seq")
    if post is None or seq is None:
        return
    for lane in ("pub", "desk"):
        held = truth.lanes.get((post.room, lane))
        if held is None or seq > held.head:
            continue
        item = held.items[seq - 1]
        if item["id"] == post.post and not item.get("redacted") and item.get("ver") != one.get("ver"):
            yield _of(one, f"version {one.get('ver')} of {post.post} was approved, {item.get('ver')} published")


def _told_once(truth: Truth) -> Iterator[Violation]:
    for (room, lane), held in truth.lanes.items():
        seen: set[Version] = set()
        for item in held.items if lane == "mod" else ():
            if item["k"] == "verdict":
                version = (item["id"], item["ver"])
                if version in seen:
                    yield Violation("I6", f"{version} is decided twice on {room} mod")
                seen.add(version)


class Ledger:
    """Who held which version when, as far as the record can tell. A new version frees the old one by itself."""

    def __init__(self, history: History, truth: Truth, lease_s: float) -> None:
        self._lease_s = lease_s
        self.holds: dict[Version, list[Hold]] = defaultdict(list)
        self._freed: dict[Version, list[tuple[float, float]]] = defaultdict(list)
        for one in history.operations:
            if one.op in ("mod.pull", "mod.reopen") and one.outcome == "ok" and not truth.forgiven(one.ended or 0.0):
                for taken in one.answer["posts"]:
                    hold = Hold(one.get("moderator"), one.invoked, one.ended or 0.0)
                    self.holds[taken["post"], taken["ver"]].append(hold)
            elif one.op == "mod.release" and one.outcome != "fail":
                over = one.ended if one.outcome == "ok" and one.ended is not None else inf
                self._freed[one.get("post"), one.get("ver")].append((one.invoked, over))

    def stands(self, version: Version, hold: Hold, at: float) -> bool:
        """Whether the lease was in force at that time whatever happened on the way."""
        freed = any(began <= at and over >= hold.asked for began, over in self._freed[version])
        return at < hold.asked + self._lease_s and not freed


def _held(history: History, truth: Truth, lease_s: float) -> Iterator[Violation]:
    """Nobody is given, and nobody decides, what another certainly holds."""
    ledger = Ledger(history, truth, lease_s)
    for version, taken in list(ledger.holds.items()):
        for hold, other in product(taken, taken):
            apart = hold.moderator != other.moderator and hold.got < other.asked
            if apart and ledger.stands(version, hold, other.got):
                what = f"{version} was given to {other.moderator} while {hold.moderator} had it"
                yield Violation("I6", what, at=other.got)
    for one in history.operations:
        if one.op == "mod.decide" and one.outcome == "ok" and not _again(history, one):
            for hold in _taken_over(ledger, one):
                yield _of(one, f"{one.get('post')} was decided while {hold.moderator} had it")


def _taken_over(ledger: Ledger, one: Operation) -> list[Hold]:
    """Leases of others, given after the decider's own, that were in force all the while."""
    version = (one.get("post"), one.get("ver"))
    taken = ledger.holds[version]
    own = max((hold.got for hold in taken if hold.moderator == one.get("moderator")), default=0.0)
    others = [hold for hold in taken if hold.moderator != one.get("moderator")]
    return [
        hold
        for hold in others
        if own < hold.asked and hold.got < one.invoked and ledger.stands(version, hold, one.ended or 0.0)
    ]


def _again(history: History, one: Operation) -> bool:
    """A repetition is answered from the record, with or without a lease."""
    return any(
        other is not one
        and other.op == "mod.decide"
        and other.outcome != "fail"
        and other.invoked < one.invoked
        and all(other.get(name) == one.get(name) for name in ("post", "ver", "moderator", "verdict"))
        for other in history.operations
    )


def _of(one: Operation, what: str) -> Violation:
    return Violation("I6", what, one.process, one.ended or one.invoked)
