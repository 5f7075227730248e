"""Stored means stored, once (I1): over what was acknowledged, what was refused, and what is there in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.history.recorder import History, Operation
from tests.history.truth import Truth, Violation

Sent = tuple[str, str, str]


def check_posting(history: History, truth: Truth) -> Iterator[Violation]:
    sent: dict[Sent, list[Operation]] = defaultdict(list)
    for one in history.operations:
        if one.op == "post":
            sent[one.get("room"), one.get("author"), one.get("cid")].append(one)
        if one.outcome == "ok" and one.ended is not None and not truth.forgiven(one.ended):
            yield from _acknowledged(one, truth)
    yield from _once(sent, truth)
    yield from _messages_once(truth)


def _acknowledged(one: Operation, truth: Truth) -> Iterator[Violation]:
    post = one.get("post")
    if one.op == "post" and post not in truth.posts:
        yield _of(one, f"{post} was acknowledged as {one.get('state')} and is not stored")
        return
    seq = one.answer.get("seq")
    if seq is None or one.op not in ("post", "revise", "mod.decide", "redact", "restore") or post not in truth.posts:
        return
    room = truth.posts[post].room
    for lane in ("pub", "desk"):
        held = truth.lanes.get((room, lane))
        if held is not None and seq <= held.head and held.items[seq - 1]["id"] == post:
            return
    yield _of(one, f"{one.op} of {post} was acknowledged with number {seq}, which is not its own")


def _once(sent: dict[Sent, list[Operation]], truth: Truth) -> Iterator[Violation]:
    stored: dict[Sent, list[str]] = defaultdict(list)
    for post in truth.posts.values():
        stored[post.room, post.author, post.cid].append(post.post)
    for key, posts in stored.items():
        if len(posts) > 1:
            yield Violation("I1", f"{key[2]} of {key[1]} is stored {len(posts)} times: {posts}")
    for key, tries in sent.items():
        answered = {one.get("post") for one in tries if one.outcome == "ok" and not truth.forgiven(one.ended or 0)}
        if len(answered) > 1:
            yield _of(tries[-1], f"{key[2]} was answered with several posts: {sorted(map(str, answered))}")
        if all(one.outcome == "fail" for one in tries) and stored.get(key):
            yield _of(tries[-1], f"{key[2]} was refused ({tries[-1].answer.get('code')}) and is stored")


def _messages_once(truth: Truth) -> Iterator[Violation]:
    for (room, lane), held in truth.lanes.items():
        seen: set[str] = set()
        for item in held.items:
            if item["k"] == "msg":
                if item["id"] in seen:
                    yield Violation("I4", f"{item['id']} is published twice in {room} {lane}")
                seen.add(item["id"])


def _of(one: Operation, what: str) -> Violation:
    return Violation("I1", what, one.process, one.ended or one.invoked)
