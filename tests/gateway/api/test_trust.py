"""Trust and the effective policy over HTTP."""

from __future__ import annotations

import pytest

from tests.gateway.api.conftest import Edge

pytestmark = pytest.mark.anyio


async def test_an_author_is_watched_with_a_reason_and_let_go_again(edge: Edge) -> None:
    room = (await edge.a_room(policy={"premoderate": False}))["id"]
    await edge.a_question(room)
    moderator = await edge.as_user("moderator1")
    guest = await edge.as_user("guest")
    author = (await guest.get("/api/v1/me")).json()["id"]
    path = f"/api/v1/authors/{author}/trust"

    assert (await moderator.get(path)).json() == {"level": "new", "derived": "new", "said": None}
    said = (await moderator.put(path, json={"level": "watched", "reason": "换着账号刷屏"})).json()
    assert (said["level"], said["said"]["reason"], said["said"]["by"]["name"]) == (
        "watched",
        "换着账号刷屏",
        "moderator1某",
    )

    receipt = await edge.a_question(room, "还有学生票吗", "c2")
    assert (receipt["state"], "reasons" in receipt) == ("pending", False), "watching is not told to whom it is about"
    assert (await moderator.put(path, json={"level": None, "reason": "查过了"})).json()["said"] is None
    assert (await edge.a_question(room, "老人票怎么办", "c3"))["state"] == "published"


@pytest.mark.parametrize("who", ["host", "guest", "coordinator1"])
async def test_watching_people_is_for_moderators(edge: Edge, who: str) -> None:
    client = await edge.as_user(who)

    answer = await client.put("/api/v1/authors/g:x/trust", json={"level": "watched", "reason": "x"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_staff_see_what_holds_posts_in_a_room_and_who_switched_it(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    host = await edge.as_user("host")
    moderator = await edge.as_user("moderator1")
    await host.patch(f"/api/v1/rooms/{room}", json={"policy": {"trust": "known", "slow_ms": 30_000}})

    shown = (await moderator.get(f"/api/v1/rooms/{room}/policy")).json()

    assert [hold["what"] for hold in shown["holds"]] == ["premoderate", "trust", "slow_ms", "watched"]
    by_name = {hold["what"]: hold for hold in shown["holds"]}
    assert "by" not in by_name["premoderate"], "it was made so"
    assert (by_name["trust"]["value"], by_name["trust"]["by"]["name"]) == ("known", "host某")
    assert shown["changes"][0]["was"]["policy"]["slow_ms"] == 0
    assert shown["policy"]["trust"] == "known"
    assert shown["since"]["slow_ms"]["by"]["name"] == shown["made_by"] == "host某"
    assert set(shown["since"]) == {"trust", "slow_ms"}
    guest = await edge.as_user("guest")
    for path in ("policy", "policy/stakes"):
        assert (await guest.get(f"/api/v1/rooms/{room}/{path}")).status_code == 403


async def test_a_switch_has_its_reason_and_a_moderator_only_tightens(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    host, moderator = await edge.as_user("host"), await edge.as_user("moderator1")
    path = f"/api/v1/rooms/{room}"

    assert (await moderator.patch(path, json={"policy": {"slow_ms": 30_000}, "why": " 有人\n刷屏 "})).status_code == 200
    since = (await host.get(f"{path}/policy")).json()["since"]["slow_ms"]
    assert (since["by"]["name"], since["why"]) == ("moderator1某", "有人 刷屏")

    answer = await moderator.patch(path, json={"policy": {"slow_ms": 0}})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await host.patch(path, json={"policy": {"slow_ms": 0}})).status_code == 200
    long = await host.patch(path, json={"policy": {"guests": False}, "why": "长" * 201})
    assert (long.status_code, long.json()["code"]) == (400, "bad_request")


async def test_what_a_looser_policy_would_let_through_is_told_in_numbers(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    moderator = await edge.as_user("moderator1")
    for number, verdict in enumerate(("publish", "publish", "publish", "reject", None)):
        await edge.a_question(room, f"第{number}件事怎么办？", f"c{number}")
        edge.clock.advance(60_000)
        if verdict is not None:
            (post,) = (await moderator.post("/api/v1/queue/pull", json={"room": room, "n": 1})).json()["posts"]
            ruling = {"ver": 1, "verdict": verdict, "reason": "3"}
            await moderator.post(f"/api/v1/posts/{post['post']}/decide", json=ruling)
    await edge.a_question(room, "我的电话 13800138000", "c9")

    stakes = (await moderator.get(f"/api/v1/rooms/{room}/policy/stakes")).json()

    assert stakes == {
        "waiting": 2,
        "viewers": 0,
        "looked_at": 6,
        "held": 5,
        "refused": 1,
        "authors": {"watched": 0, "new": 1, "known": 0, "trusted": 0},
    }
