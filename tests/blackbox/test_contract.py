"""The contract from outside: the reference client against a real server, in both codecs.

What `wenzheng conformance` checks is not checked here again: `test_conformance.py` runs it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import orjson
import pytest

from tests.client import Api, Live, Refused, guest, sign_in
from tests.services.server import ServerProcess

pytestmark = pytest.mark.anyio

CODECS = ("json", "msgpack")
Frame = dict[str, Any]


@contextlib.asynccontextmanager
async def people(server: ServerProcess, *names: str) -> AsyncIterator[dict[str, Api]]:
    found = {name: await sign_in(server.base, name) for name in names}
    try:
        yield found
    finally:
        for api in found.values():
            await api.close()


async def open_room(host: Api, **changes: object) -> Frame:
    asked: Frame = {"title": "公交线路调整", "departments": ["price", "transport", "metro"], "open": True}
    room: Frame = await host.post("/rooms", {**asked, **changes})
    return room


def has_reached(client: Live, room: str, seq: int) -> bool:
    return client.rooms[room].lanes["pub"].seq >= seq


async def pull_post(moderator: Live, room: str, post: str) -> Frame:
    """Pulls until the wanted post is leased to this moderator."""
    for _ in range(20):
        pulled = await moderator.ask("mod.pull", room=room, n=50)
        for waiting in pulled["posts"]:
            if waiting["post"] == post:
                return dict(waiting)
    raise AssertionError(f"{post} never came out of the queue")


@pytest.mark.parametrize("codec", CODECS)
async def test_one_post_travels(server: ServerProcess, codec: str) -> None:
    async with people(server, "host", "moderator1", "price1", "metro1") as by:
        room = (await open_room(by["host"]))["id"]
        netizen = await guest(server.base, "小满")
        async with (
            Live(server.base, codec=codec) as watcher,
            Live(server.base, codec=codec, token=netizen.token) as asker,
            Live(server.base, codec=codec, token=by["moderator1"].token) as moderator,
            Live(server.base, codec=codec, token=by["price1"].token) as price,
        ):
            await watcher.join(room)
            await asker.join(room)
            await price.join(room, "pub", "desk")
            await moderator.join(room, "pub", "mod")

            asked = await asker.post(room, "c1", "question", "起步价两元能坐几站？")
            assert asked["state"] == "pending"
            assert "seq" not in asked or asked["seq"] is None

            waiting = await pull_post(moderator, room, asked["post"])
            assert waiting["body"] == "起步价两元能坐几站？"
            decided = await moderator.ask("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="publish")
            assert decided["state"] == "published"

            lane = watcher.rooms[room].lanes["pub"]
            await watcher.until(lambda: lane.items)
            shown = lane.items[-1]
            assert (shown["k"], shown["kind"], shown["s"]) == ("msg", "question", decided["seq"])
            assert shown["body"] == "起步价两元能坐几站？"
            assert shown["by"] == {"name": "小满", "role": "netizen"}

            answered = await price.post(room, "a1", "reply", "两元可坐四公里以内，约三站。", reply_to=asked["post"])
            assert answered["state"] == "published"
            await watcher.until(lambda: lane.seq >= answered["seq"])
            assert lane.items[-1]["q"] == shown["q"]
            assert lane.items[-1]["by"]["dept"] == "price"

            await asker.until(
                lambda: any(
                    mine["post"] == asked["post"] and mine["state"] == "published"
                    for mine in (asker.rooms[room].me or {}).get("posts", [])
                )
            )

            # The same items from the socket, the API and the transcript.
            events = await by["host"].get(f"/rooms/{room}/events?lane=pub&after=0&limit=200")
            assert events["head"] == lane.seq
            assert [item for item in events["items"] if item["s"] > lane.items[0]["s"] - 1] == lane.items
            transcript = await by["host"].get(f"/rooms/{room}/transcript?format=json")
            told = {item["id"]: item["body"] for item in transcript["items"]}
            assert told == {asked["post"]: shown["body"], answered["post"]: lane.items[-1]["body"]}
            threads = await by["host"].get(f"/rooms/{room}/questions")
            assert [reply["id"] for reply in threads["items"][0]["replies"]] == [answered["post"]]
        await netizen.close()


async def test_pace_of_a_netizen(server: ServerProcess) -> None:
    async with people(server, "host") as by:
        room = (await open_room(by["host"]))["id"]
        netizen = await guest(server.base)
        async with Live(server.base, token=netizen.token) as asker:
            for n in range(5):
                await asker.post(room, f"q{n}", "question", f"第 {n} 路车早高峰能不能加密？这是第{n}问")
            with pytest.raises(Refused, match="rate") as refused:
                await asker.post(room, "q5", "question", "末班车能不能晚半小时？")
            assert 0 < refused.value.frame["retry_ms"] <= 10_000
            assert refused.value.frame["temporary"] is True
        await netizen.close()


async def test_hidden_means_hidden(server: ServerProcess) -> None:
    secret = "甲乙丙丁-机密七四二"
    async with people(server, "host", "moderator1", "price1") as by:
        room = (await open_room(by["host"]))["id"]
        async with Live(server.base, token=by["price1"].token) as price:
            posted = await price.post(room, "s", "notice", secret)
            await price.ask("revise", post=posted["post"], ver=1, body=secret + "（更正）")
        async with Live(server.base, token=by["moderator1"].token) as moderator:
            hidden = await moderator.ask("redact", post=posted["post"], reason="privacy")
            assert (await moderator.ask("redact", post=posted["post"], reason="privacy"))["seq"] == hidden["seq"]
        for codec in CODECS:
            async with Live(server.base, codec=codec, keep_raw=True) as viewer:
                await viewer.join(room)
                await viewer.join(room, pos={"pub": {"ep": viewer.rooms[room].lanes["pub"].ep, "seq": 0}})
                marked = [item for item in viewer.rooms[room].lanes["pub"].items if item.get("redacted")]
                assert [item["k"] for item in marked] == ["msg", "edit"]
                assert viewer.raw is not None
                assert not any(secret.encode() in raw or b"\\u7532" in raw for raw in viewer.raw)
        for path in (
            f"/api/v1/rooms/{room}/events?lane=pub&after=0",
            f"/api/v1/rooms/{room}/questions",
            *(f"/api/v1/rooms/{room}/transcript?format={kind}" for kind in ("json", "csv", "md", "html")),
            f"/rooms/{room}",
            f"/rooms/{room}/transcript",
            "/",
        ):
            answer = await by["host"].http.get(path, follow_redirects=True)
            assert answer.status_code == 200, path
            assert "机密七四二" not in answer.text, path


@pytest.mark.parametrize("verdict", ["pending", "reject"])
async def test_nothing_unapproved_leaves_the_moderation_side(server: ServerProcess, verdict: str) -> None:
    secret = "未审内容二六八九"
    async with people(server, "host", "moderator1", "price1", "inspector1") as by:
        room = (await open_room(by["host"]))["id"]
        netizen = await guest(server.base)
        async with (
            Live(server.base, keep_raw=True) as watcher,
            Live(server.base, codec="msgpack", token=by["price1"].token, keep_raw=True) as price,
            Live(server.base, token=by["host"].token, keep_raw=True) as host,
            Live(server.base, token=by["moderator1"].token) as moderator,
        ):
            await watcher.join(room)
            await price.join(room, "pub", "desk")
            await host.join(room, "pub", "desk")
            await moderator.join(room, "pub", "mod")
            asked = await netizen.post(f"/rooms/{room}/posts", {"cid": "u", "kind": "question", "body": secret})
            assert asked["state"] == "pending"
            if verdict == "reject":
                waiting = await pull_post(moderator, room, asked["post"])
                await moderator.ask(
                    "mod.decide", post=asked["post"], ver=waiting["ver"], verdict="reject", reason="off_topic"
                )
            marker = await price.post(room, "m", "notice", "记号")
            for client in (watcher, price, host):
                await client.until(partial(has_reached, client, room, marker["seq"]))
                assert client.raw is not None
                assert not any(secret.encode() in raw for raw in client.raw)
        for api in (by["host"], by["price1"], by["inspector1"]):
            for path in (
                f"/api/v1/rooms/{room}/events?lane=pub&after=0",
                f"/api/v1/rooms/{room}/questions",
                f"/api/v1/rooms/{room}/transcript?format=json",
                f"/rooms/{room}",
                f"/rooms/{room}/transcript",
            ):
                answer = await api.http.get(path)
                assert answer.status_code == 200, path  # a page that fails hides everything
                assert secret not in answer.text, path
            with pytest.raises(Refused, match="forbidden"):
                await api.get(f"/rooms/{room}/queue")
        await netizen.close()


async def test_lanes_have_an_access_list(server: ServerProcess) -> None:
    async with people(server, "host", "moderator1", "price1") as by:
        room = (await open_room(by["host"], departments=["transport"]))["id"]
        netizen = await guest(server.base)
        cases = [
            (None, "desk", "unauthenticated"),
            (None, "mod", "unauthenticated"),
            (netizen.token, "desk", "forbidden"),
            (netizen.token, "mod", "forbidden"),
            (by["price1"].token, "desk", "forbidden"),  # not a party to this room
            (by["price1"].token, "mod", "forbidden"),
            (by["moderator1"].token, "desk", "forbidden"),
            (by["host"].token, "mod", "forbidden"),
        ]
        for token, lane, code in cases:
            async with Live(server.base, token=token) as client:
                with pytest.raises(Refused, match=code):
                    await client.join(room, lane)
                with pytest.raises(Refused, match=code):
                    await client.ask("fetch", room=room, lane=lane, **{"from": 1, "to": 5})
            api = Api(server.base, token)
            with pytest.raises(Refused, match=code):
                await api.get(f"/rooms/{room}/events?lane={lane}&after=0")
            await api.close()
        await netizen.close()


async def test_one_verdict_per_version(server: ServerProcess) -> None:
    async with people(server, "host", "moderator1", "moderator2") as by:
        room = (await open_room(by["host"]))["id"]
        netizen = await guest(server.base)
        asked = await netizen.post(f"/rooms/{room}/posts", {"cid": "v", "kind": "question", "body": "换乘要不要出站？"})
        async with (
            Live(server.base, token=by["moderator1"].token) as first,
            Live(server.base, token=by["moderator2"].token) as second,
        ):
            path = f"/rooms/{room}/queue"
            assert [entry["state"] for entry in (await by["moderator1"].get(f"{path}?state=pending"))["items"]] == [
                "pending"
            ]
            waiting = await pull_post(first, room, asked["post"])
            (held,) = (await by["moderator2"].get(f"{path}?state=pending"))["items"]
            assert (held["post"], held["claim"], held["lease_until"]) == (
                asked["post"],
                "leased",
                waiting["lease_until"],
            )
            assert asked["post"] not in [p["post"] for p in (await second.ask("mod.pull", room=room, n=50))["posts"]]
            with pytest.raises(Refused, match="lease_lost"):
                await second.ask("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="publish")
            with pytest.raises(Refused, match="stale_version"):
                await first.ask("mod.decide", post=asked["post"], ver=waiting["ver"] + 1, verdict="publish")
            done = await first.ask("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="publish")
            (ruled,) = (await by["moderator2"].get(f"{path}?state=published"))["items"]
            assert (ruled["post"], ruled["state"]) == (asked["post"], "published")
            assert (await by["moderator2"].get(f"{path}?state=rejected"))["items"] == []
            assert (await by["moderator2"].get(path))["items"] == []
            again = await first.ask("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="publish")
            assert (again["state"], again["seq"]) == (done["state"], done["seq"])
            with pytest.raises(Refused, match=r"lease_lost|stale_version"):
                await first.ask("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="reject", reason="abuse")
        await netizen.close()


async def test_room_states_decide_who_may_post(server: ServerProcess) -> None:
    async with people(server, "host", "price1") as by:
        room = (await open_room(by["host"], open=False))["id"]
        netizen = await guest(server.base)
        path = f"/rooms/{room}/posts"
        assert (await netizen.post(path, {"cid": "1", "kind": "question", "body": "预先提问可以吗？"}))[
            "state"
        ] == "pending"
        assert (await by["price1"].post(path, {"cid": "n", "kind": "note", "body": "先碰一下口径"}))[
            "state"
        ] == "published"
        with pytest.raises(Refused, match="bad_state"):
            await by["host"].post(f"/rooms/{room}/pause")
        await by["host"].post(f"/rooms/{room}/open")
        await by["host"].post(f"/rooms/{room}/pause")
        with pytest.raises(Refused, match="room_paused"):
            await netizen.post(path, {"cid": "2", "kind": "question", "body": "暂停时能问吗？"})
        await by["host"].post(f"/rooms/{room}/resume")
        closed = await by["host"].post(f"/rooms/{room}/close")
        assert closed["state"] == "closed"
        with pytest.raises(Refused, match="room_closed"):
            await netizen.post(path, {"cid": "3", "kind": "question", "body": "结束后能问吗？"})
        await netizen.close()


async def test_invited_by_code_or_link(server: ServerProcess) -> None:
    async with people(server, "host", "metro1", "price1") as by:
        room = (await open_room(by["host"], departments=["price"]))["id"]
        invited = await by["host"].post(f"/rooms/{room}/invitations", {"department": "metro"})
        assert "#" in invited["url"]
        with pytest.raises(Refused, match="forbidden"):
            await by["price1"].post(f"/invitations/{invited['code']}/accept")
        await by["metro1"].post(f"/invitations/{invited['code']}/accept")
        noted = await by["metro1"].post(f"/rooms/{room}/posts", {"cid": "n", "kind": "note", "body": "我们到了"})
        assert noted["state"] == "published"


async def test_rubbish_on_the_socket_gets_an_answer(server: ServerProcess) -> None:
    async with people(server, "host") as by:
        room = (await open_room(by["host"]))["id"]
        async with Live(server.base, token=by["host"].token) as client:
            for kind, fields, code in (
                ("dance", {}, "unknown_command"),
                ("join", {"room": 7}, "bad_frame"),
                ("join", {"room": "nowhere"}, "no_room"),
                ("post", {"room": room, "cid": "b", "kind": "notice", "body": " \u200b "}, "bad_frame"),
                ("post", {"room": room, "cid": "b", "kind": "notice", "body": "长" * 10_001}, "too_large"),
                ("post", {"room": room, "cid": "b", "kind": "reply", "body": "x", "reply_to": "none"}, "no_post"),
                ("vote", {"post": "none", "v": 1}, "no_post"),
                ("vote", {"post": "none", "v": 5}, "bad_frame"),
            ):
                with pytest.raises(Refused) as refused:
                    await client.ask(kind, **fields)
                assert refused.value.code == code, (kind, fields, refused.value.code)
            assert (await client.join(room))["room"] == room


async def test_problem_json_everywhere(server: ServerProcess) -> None:
    api = Api(server.base)
    for method, path, status, code in (
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("PUT", "/api/v1/rooms", 405, "method_not_allowed"),
        ("GET", "/api/v1/rooms/none", 404, "no_room"),
        ("POST", "/api/v1/rooms", 401, "unauthenticated"),
        ("GET", "/api/v1/me", 401, "unauthenticated"),
    ):
        answer = await api.http.request(method, path, json={} if method != "GET" else None)
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert orjson.loads(answer.content)["code"] == code, path
    await api.close()
