"""What must not be seen: a text nobody approved (I5), and one that is hidden now (I8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.history.recorder import History, Item, Operation, Sight
from tests.history.truth import Truth, Violation

# A post's times of hiding: (certainly hidden from, shown again by somebody from).
Spans = Mapping[str, list[tuple[float, float]]]
Changes = Mapping[tuple[str, str], Mapping[str, list[tuple[int, bool]]]]


def check_secrecy(history: History, truth: Truth, grace_s: float) -> Iterator[Violation]:
    texts = _texts(history)
    approved = {body for post in truth.posts.values() for body in post.approved}
    secret = {body: post for body, post in texts.items() if body not in approved}
    spans = _hidden_spans(history, truth, grace_s)
    yield from _withdrawn_and_shown(history, truth)
    yield from _served(history, truth, secret, spans)
    yield from _sights(history, truth, approved, spans)


def _texts(history: History) -> dict[str, str | None]:
    """Every text that was sent, and its post as far as anybody was told."""
    found: dict[str, str | None] = {}
    for one in history.operations:
        if one.op in ("post", "revise") and one.get("body"):
            found[one.get("body")] = found.get(one.get("body")) or one.get("post")
    return found


def _hidden_spans(history: History, truth: Truth, grace_s: float) -> Spans:
    restores: dict[str, list[Operation]] = defaultdict(list)
    for one in history.operations:
        if one.op == "restore" and one.outcome != "fail":
            restores[one.get("post")].append(one)
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in history.operations:
        hides = one.op == "redact" or (one.op == "withdraw" and one.answer.get("state") == "published")
        if hides and one.outcome == "ok" and one.ended is not None and not truth.forgiven(one.ended):
            shown_again = [other.invoked for other in restores[one.get("post")] if _may_follow(other, one)]
            spans[one.get("post")].append((one.ended + grace_s, min(shown_again, default=float("inf"))))
    return spans


def _may_follow(restore: Operation, redaction: Operation) -> bool:
    """A restore whose end nobody knows, or that was under way with the redaction, may have come after it."""
    return restore.outcome != "ok" or restore.ended is None or restore.ended > redaction.invoked


def _withdrawn_and_shown(history: History, truth: Truth) -> Iterator[Violation]:
    published = {item["id"] for held in truth.lanes.values() for item in held.items if item["k"] == "msg"}
    for one in history.operations:
        gone = one.op == "withdraw" and one.outcome == "ok" and one.answer.get("state") == "withdrawn"
        if gone and one.get("post") in published and not truth.forgiven(one.ended or 0):
            yield Violation("I5", f"{one.get('post')} was taken back and published", one.process, one.invoked)


def _served(history: History, truth: Truth, secret: Mapping[str, str | None], spans: Spans) -> Iterator[Violation]:
    """Pages, exports, answers of the API: whatever was recorded as `read`."""
    owners = {body: _author(one, truth) for one in history.operations if (body := one.get("body"))}
    for one in history.operations:
        if one.op != "read" or one.outcome != "ok" or one.get("privileged") or truth.forgiven(one.ended or 0.0):
            continue
        raw = one.answer["raw"]
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
        own = one.fields.get("own")
        for body in secret:
            if body in text and (own is None or owners.get(body) != own):
                yield Violation("I5", f"served what nobody approved: {body}", one.process, one.invoked)
        for post in truth.posts.values():
            if own != post.author and _hidden(spans, post.post, one.invoked, one.ended or 0):
                for body in post.approved:
                    if body in text:
                        yield Violation("I8", f"served what is hidden: {body}", one.process, one.invoked)


def _author(one: Operation, truth: Truth) -> str | None:
    post = truth.posts.get(one.get("post"))
    return one.get("author") or (post.author if post is not None else None)


def _sights(history: History, truth: Truth, approved: set[str], spans: Spans) -> Iterator[Violation]:
    opened: dict[tuple[str, str, str], float] = {}
    changes = {key: _changes(held.items) for key, held in truth.lanes.items()}
    for sight in history.sights:
        where = (sight.process, sight.room, sight.lane)
        if sight.what == "open":
            opened[where] = sight.at
        for item in sight.items:
            body = item.get("body")
            if body is None:
                continue
            post = truth.posts.get(item["id"])
            if body not in (approved if post is None else post.approved) and not _forgotten(truth, sight):
                yield Violation("I5", f"shown what nobody approved: {body}", sight.process, sight.at)
            if _hidden(spans, item["id"], opened.get(where, sight.at), sight.at):
                yield Violation("I8", f"replayed what is hidden: {body}", sight.process, sight.at)
            if sight.what == "snap" and _stands_hidden(truth, changes, sight, item["id"]):
                yield Violation("I8", f"a snapshot at {sight.seq} shows {body}", sight.process, sight.at)


def _forgotten(truth: Truth, sight: Sight) -> bool:
    """Of an epoch that a restore from backup ended: what was approved then is not in the store any more."""
    held = truth.lanes.get((sight.room, sight.lane))
    return bool(truth.lost) and held is not None and held.epoch != sight.epoch


def _hidden(spans: Spans, post: str, asked: float, served: float) -> bool:
    """Asked for after the time of grace, and answered before anybody wanted it shown again."""
    return any(start < asked and served < end for start, end in spans.get(post, ()))


def _changes(items: Sequence[Item]) -> dict[str, list[tuple[int, bool]]]:
    """By post: the numbers at which it was hidden (True) or shown (False)."""
    changes: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for item in items:
        if item["k"] in ("msg", "redact", "restore"):
            changes[item["id"]].append((item["s"], item["k"] == "redact"))
    return changes


def _stands_hidden(truth: Truth, changes: Changes, sight: Sight, post: str) -> bool:
    """Whether the last change up to the snapshot's head hid the post."""
    lane = (sight.room, sight.lane)
    held = truth.lanes.get(lane)
    if held is None or held.epoch != sight.epoch:
        return False
    return next((hides for s, hides in reversed(changes[lane].get(post, [])) if s <= (sight.seq or 0)), False)
