"""Items: an allow-list of kinds and fields, and no body without leave."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.ids import DepartmentId, PostId, QuestionId, RoomId, UserId
from kernel.permissions import Role
from persistence.items import build_item
from rooms.model import Author, Lane, Post, PostKind, PostState

POST = Post(
    id=PostId("p"),
    room=RoomId("r"),
    question=QuestionId("q"),
    kind=PostKind.QUESTION,
    author=Author(UserId("secret id"), "小满", Role.NETIZEN),
    cid="cid",
    reply_to=None,
    state=PostState.PUBLISHED,
    version=3,
    waiting=False,
    created_at=1,
    shown_version=2,
    number=7,
)


def item(kind: str, post: Post | None = POST, **fields: Any) -> dict[str, Any]:
    given = {"seq": 9, "ref": "p", "at": 5, "meta": {}, "version": 2, "body": "话", "lane": Lane.PUB, **fields}
    return build_item(kind=kind, post=post, **given)


def test_a_message_shows_its_author_without_the_id() -> None:
    answer = replace(
        POST,
        kind=PostKind.REPLY,
        author=Author(UserId("secret id"), "陈立言", Role.RESPONDENT, DepartmentId("price")),
        reply_to=PostId("p0"),
    )

    assert item("msg", answer) == {
        "s": 9,
        "k": "msg",
        "id": "p",
        "at": 5,
        "q": "q",
        "kind": "reply",
        "by": {"name": "陈立言", "role": "respondent", "dept": "price"},
        "body": "话",
        "ver": 2,
        "reply_to": "p0",
    }
    assert item("msg")["number"] == 7
    assert item("edit") == {"s": 9, "k": "edit", "id": "p", "at": 5, "ver": 2, "body": "话"}


@pytest.mark.parametrize("kind", ["msg", "edit", "restore"])
@pytest.mark.parametrize(
    "refused",
    [
        {"post": replace(POST, hidden="personal")},
        {"post": replace(POST, state=PostState.PENDING)},
        {"post": replace(POST, state=PostState.REJECTED)},
        {"post": replace(POST, state=PostState.WITHDRAWN)},
        {"post": replace(POST, shown_version=None)},
        {"post": replace(POST, kind=PostKind.NOTE)},
        {"post": None},
        {"version": 3},
        {"version": None},
        {"body": None},
        {"lane": Lane.DESK},
        {"lane": Lane.MOD},
    ],
)
def test_without_leave_there_is_a_gap(kind: str, refused: dict[str, Any]) -> None:
    assert item(kind, **refused) == {"s": 9, "k": kind, "id": "p", "at": 5, "redacted": True}


def test_a_kind_nobody_has_thought_about_shows_nothing() -> None:
    assert item("surprise", meta={"body": "x", "state": "live", "author": "u"}) == {
        "s": 9,
        "k": "surprise",
        "id": "p",
        "at": 5,
    }


@pytest.mark.parametrize(
    ("kind", "meta", "shown"),
    [
        ("redact", {"reason": "personal"}, {"reason": "personal"}),
        ("pin", {"on": False}, {"on": False}),
        ("stage", {"on": True}, {"on": True}),
        ("state", {"state": "paused"}, {"state": "paused"}),
        ("set", {"freeze": False, "policy": None}, {"freeze": False}),
    ],
)
def test_a_kind_shows_its_own_fields_and_no_other(kind: str, meta: dict[str, Any], shown: dict[str, Any]) -> None:
    told = item(kind, meta={**meta, "body": "x", "author": "u", "s": 1, "id": "z", "salt": "y"})

    assert told == {"s": 9, "k": kind, "id": "p", "at": 5, **shown}


@pytest.mark.parametrize("kind", ["queue", "verdict", "hidden", "shown", "sanction"])
@pytest.mark.parametrize("lane", [Lane.PUB, Lane.DESK])
def test_what_moderators_are_told_stays_on_their_lane(kind: str, lane: Lane) -> None:
    meta = {"author": "u", "waiting": 3, "verdict": "reject", "by": {"id": "m"}}

    assert item(kind, meta=meta, lane=lane) == {"s": 9, "k": kind, "id": "p", "at": 5}
    assert len(item(kind, meta=meta, lane=Lane.MOD)) > 4
