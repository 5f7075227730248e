"""Which waiting texts are taken for the same, which say something besides, and which are other questions."""

from __future__ import annotations

import pytest

from kernel.ids import PostId, RoomId, UserId
from kernel.permissions import Role
from moderation.alike import GROUP_MAX, alike
from moderation.commands import WaitingPost
from rooms.model import Author, PostKind, PostState

OURS = "地铁一号线起步价为什么定在三元？"


def waiting(body: str, n: int = 0) -> WaitingPost:
    author = Author(UserId(f"g:{n}"), f"网民{n}", Role.NETIZEN)
    kind, state = PostKind.QUESTION, PostState.PENDING
    return WaitingPost(PostId(f"p{n}"), 1, RoomId("r"), kind, body, author, 0, (), "waiting", None, 0, state, None)


def verdict(body: str, ours: str = OURS) -> bool | None:
    """None: another question; else whether it adds something."""
    found = alike(ours, [waiting(body)])
    return found[0].adds if found else None


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (OURS, False),
        ("地铁一号线，起步价 为什么定在三元???", False),
        ("请问" + OURS, False),
        (OURS + "另外学生票打几折，老人呢？", True),
        # A changed number is another question, and so is another line.
        ("地铁一号线起步价为什么定在五元？", None),
        ("地铁二号线起步价为什么定在三元？", None),
        ("公交为什么晚点？", None),
    ],
)
def test_what_says_the_same(body: str, found: bool | None) -> None:
    assert verdict(body) is found


def test_short_texts_are_the_same_or_another() -> None:
    assert verdict("支持2元支持2元", "支持 2 元！支持 2 元！") is False
    assert verdict("支持第一种方案", "支持第二种方案") is None
    assert verdict("支持 2 元，但里程别缩水", "支持 2 元") is True
    assert verdict("？？", "！！") is None


def test_a_group_has_a_bound_and_keeps_the_order() -> None:
    found = alike(OURS, (waiting(OURS, n) for n in range(GROUP_MAX + 5)))
    assert [one.post.post for one in found] == [f"p{n}" for n in range(GROUP_MAX)]
