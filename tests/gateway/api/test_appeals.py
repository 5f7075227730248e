"""Appeals over HTTP: who may make, read and decide them, and what a resend means."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.api.conftest import Edge

pytestmark = pytest.mark.anyio


async def refused(edge: Edge, room: str, body: str = "起步价为什么是三元？") -> str:
    await edge.a_question(room, body)
    moderator = await edge.as_user("moderator1")
    (post,) = (await moderator.post("/api/v1/queue/pull", json={"room": room, "n": 1})).json()["posts"]
    ruling = {"ver": post["ver"], "verdict": "reject", "reason": 6, "note": "与问 18 相同"}
    assert (await moderator.post(f"/api/v1/posts/{post['post']}/decide", json=ruling)).status_code == 200
    return str(post["post"])


async def test_from_a_refusal_to_the_reinstated_post(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    post = await refused(edge, room)
    author, second = await edge.as_user("guest"), await edge.as_user("moderator2")

    made = await author.post(f"/api/v1/posts/{post}/appeal", json={"text": "与问 18 不是一件事"})
    listed = (await second.get("/api/v1/appeals")).json()["items"]
    decision = {"outcome": "reversed", "note": "确实不同"}
    decided = await second.post(f"/api/v1/appeals/{made.json()['appeal']}/decide", json=decision)
    mine = (await author.get(f"/api/v1/rooms/{room}/mine")).json()["posts"][0]

    assert (made.status_code, made.json()["state"]) == (200, "open")
    assert [(one["text"], one["against"]["reason"], one["against"]["note"]) for one in listed] == [
        ("与问 18 不是一件事", "6", "与问 18 相同")
    ]
    assert (decided.status_code, decided.json()["state"]) == (200, "reversed")
    assert (mine["state"], mine["reinstated"]["reason"], mine["appeal"]["note"]) == ("published", "6", "确实不同")


async def test_who_ruled_is_refused_by_a_code_of_its_own(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    post = await refused(edge, room)
    author, first = await edge.as_user("guest"), await edge.as_user("moderator1")
    appeal = (await author.post(f"/api/v1/posts/{post}/appeal", json={})).json()["appeal"]

    for path, body in (
        (f"/api/v1/appeals/{appeal}/decide", {"outcome": "upheld"}),
        (f"/api/v1/posts/{post}/reinstate", {"ver": 1}),
    ):
        answer = await first.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_ruling")


@pytest.mark.parametrize("who", ["visitor", "guest", "price1", "host", "inspector1", "admin"])
async def test_nobody_else_reads_or_decides_appeals(edge: Edge, who: str) -> None:
    client = await edge.as_user(who)
    answers = [
        await client.get("/api/v1/appeals"),
        await client.post("/api/v1/appeals/unknown/decide", json={"outcome": "upheld"}),
        await client.post("/api/v1/posts/unknown/reinstate", json={"ver": 1}),
    ]
    assert {answer.status_code for answer in answers} == {401 if who == "visitor" else 403}


async def test_what_is_not_there_and_what_does_not_fit(edge: Edge) -> None:
    moderator, author = await edge.as_user("moderator1"), await edge.as_user("guest")
    room = (await edge.a_room())["id"]
    post = await refused(edge, room)
    wanted: list[tuple[Any, str, dict[str, Any], tuple[int, str]]] = [
        (moderator, "/api/v1/appeals/unknown/decide", {"outcome": "upheld"}, (404, "no_appeal")),
        (moderator, "/api/v1/appeals/unknown/decide", {"outcome": "open"}, (400, "bad_request")),
        (author, "/api/v1/sanctions/unknown/appeal", {}, (404, "no_appeal")),
        (author, "/api/v1/posts/unknown/appeal", {}, (404, "no_post")),
        (author, f"/api/v1/posts/{post}/appeal", {"text": "长" * 501}, (413, "too_large")),
    ]
    for client, path, body, expected in wanted:
        answer = await client.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == expected, path


async def test_a_sanction_on_oneself_is_appealed(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    author, moderator = await edge.as_user("guest"), await edge.as_user("moderator1")
    user = (await author.get("/api/v1/me")).json()["id"]
    until = edge.clock.now_ms() + 3_600_000
    await moderator.post(
        "/api/v1/sanctions", json={"user": user, "room": room, "until": until, "reason": "刷屏", "rule": 5}
    )
    mute = (await author.get(f"/api/v1/rooms/{room}/mine")).json()["mute"]
    made = await author.post(f"/api/v1/sanctions/{mute['sanction']}/appeal", json={"text": "我没有刷屏"})
    second = await edge.as_user("moderator2")
    listed = (await second.get("/api/v1/appeals", params={"room": room})).json()["items"][0]
    assert (listed["of"], listed["sanction_kind"], listed["until"]) == ("sanction", "mute", until)
    assert listed["against"]["note"] == "刷屏"
    answer = await second.post(f"/api/v1/appeals/{made.json()['appeal']}/decide", json={"outcome": "reversed"})
    assert answer.status_code == 200
    assert (await author.get(f"/api/v1/rooms/{room}/mine")).json()["mute"] is None
