"""The hook against a real server on loopback: what is sent, how it is signed, and what holds the post."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from gateway.judge_http import HttpJudge
from gateway.signed_post import ANSWER_BYTES_MAX
from kernel.clock import FrozenClock
from moderation.drafts import Context, Draft
from moderation.judges import Judges
from moderation.verdicts import ADMITTED, Verdict, hold, refuse
from rooms.model import Policy, PostKind, Reason, Trust
from tests.gateway.outside import http, outside, signature
from tests.moderation.fake_store import NETIZEN, OTHER, ROOM

pytestmark = pytest.mark.anyio
SECRET = "a shared secret of theirs"
BODY = "加微信领优惠"
UNREACHABLE = hold(Reason("hook", category="unreachable"))


def says(verdict: str, *reasons: dict[str, Any]) -> bytes:
    return http(json.dumps({"verdict": verdict, "reasons": reasons}, ensure_ascii=False).encode())


async def ask(port: int, author: Any = NETIZEN, *, timeout_s: float = 5.0) -> Verdict:
    clock = FrozenClock()
    judges = Judges([HttpJudge(f"http://127.0.0.1:{port}/judge?v=1", SECRET, clock)], clock, timeout_s=timeout_s)
    draft = Draft(author, PostKind.QUESTION, BODY)
    return await judges.ask(draft, Context(Policy(), room=ROOM, trust=Trust.KNOWN), ADMITTED)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (says("admit"), ADMITTED),
        (
            says("refuse", {"category": "ads", "from": 1, "to": 3, "text": "微信", "more": 1}),
            refuse(Reason("hook", "ads", "微信", 1, 3)),
        ),
        (says("hold", {"category": "ads"}), hold(Reason("hook", "ads"))),
        (says("hold", {"category": "ads", "from": 1, "to": 99}), hold(Reason("hook", "ads"))),
        (says("hold"), hold(Reason("hook", "unexplained"))),
        (
            b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{"verdict": "admit"\r\n1\r\n}\r\n0\r\n\r\n',
            ADMITTED,
        ),
    ],
)
async def test_its_answer_is_shown_as_its_own(answer: bytes, verdict: Verdict) -> None:
    async with outside(answer) as there:
        assert await ask(there.port) == verdict


@pytest.mark.parametrize(
    "answer",
    [
        http(b"{}", "500 Internal Server Error"),
        http(b"", "302 Found", "Location: http://127.0.0.1:1/"),
        http(b"no json"),
        http(b"{}"),
        http(b'{"verdict": "approve"}'),
        http(b'{"verdict": "admit", "reasons": "none"}'),
        says("admit", *[{"category": "x"}] * 11),
        http(b'{"verdict": "admit", "x": "' + b"x" * ANSWER_BYTES_MAX + b'"}'),
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 40_000,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
    ],
    ids=[
        "500",
        "redirect",
        "no json",
        "empty",
        "unknown word",
        "wrong shape",
        "too many",
        "huge",
        "endless head",
        "not http",
        "cut off",
    ],
)
async def test_what_is_no_answer_holds(answer: bytes) -> None:
    async with outside(answer) as there:
        assert await ask(there.port) == UNREACHABLE
        assert len(there.bodies) == 1


async def test_a_judge_that_keeps_silent_holds_after_the_time_out() -> None:
    async with outside(b"") as there:
        assert await ask(there.port, timeout_s=0.05) == UNREACHABLE


async def test_nobody_there_holds() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert await ask(taken.getsockname()[1]) == UNREACHABLE


async def test_what_is_sent_is_signed_so_that_it_can_be_checked_and_not_be_said_again() -> None:
    async with outside(says("admit")) as there:
        await ask(there.port)
        await ask(there.port)

    first, second = there.heads
    assert first[""] == "POST /judge?v=1 HTTP/1.1"
    assert first["x-wenzheng-signature"] == signature(SECRET, first, there.bodies[0])
    assert first["x-wenzheng-id"] != second["x-wenzheng-id"]
    # Said again under another number or at another time, it is signed wrongly.
    again = {**first, "x-wenzheng-id": second["x-wenzheng-id"]}
    assert first["x-wenzheng-signature"] != signature(SECRET, again, there.bodies[0])


async def test_an_author_is_a_word_that_says_nothing_but_who_is_the_same() -> None:
    async with outside(says("admit")) as there:
        for author in (NETIZEN, NETIZEN, OTHER):
            await ask(there.port, author)

    told = [json.loads(body) for body in there.bodies]
    assert set(told[0]) == {"id", "at", "room", "kind", "author", "trust", "body"}
    assert (told[0]["room"], told[0]["kind"], told[0]["trust"], told[0]["body"]) == (ROOM, "question", "known", BODY)
    assert told[0]["author"] == told[1]["author"] != told[2]["author"]
    assert str(NETIZEN.id) not in there.bodies[0].decode()
    assert NETIZEN.name not in there.bodies[0].decode()
