"""Netizens the city vouches for, over the API: they write where guests may not, and every other proof is refused."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.accounts.portal import SHARED, assertion
from tests.gateway.api.conftest import Edge

pytestmark = pytest.mark.anyio


def said(edge: Edge, sub: str = "110101199003071234", *, seconds: int = 120, **more: Any) -> str:
    return assertion(sub, exp=edge.clock.now_ms() // 1000 + seconds, **more)


async def guests(edge: Edge, **body: Any) -> httpx2.Response:
    return await edge.client().post("/api/v1/guests", json=body)


async def asks(edge: Edge, token: str, room: str, cid: str) -> httpx2.Response:
    client = edge.client(headers={"authorization": f"Bearer {token}"})
    body = {"cid": cid, "kind": "question", "body": f"起步价为什么是三元？{cid}"}
    return await client.post(f"/api/v1/rooms/{room}/posts", json=body)


async def closed_room(edge: Edge) -> str:
    """A live room that an emergency opens to people the city knows alone."""
    room: str = (await edge.a_room())["id"]
    moderator = await edge.as_user("moderator1")
    assert (await moderator.patch(f"/api/v1/rooms/{room}", json={"verified": True})).status_code == 200
    return room


async def test_verified_only_admits_whom_the_city_vouches_for_and_no_guest(edge: Edge) -> None:
    room = await closed_room(edge)
    made = await guests(edge, assertion=said(edge, name="王先生"))
    assert made.status_code == 201
    user = made.json()["user"]
    assert (user["role"], user["guest"], user["verified"], user["name"]) == ("netizen", False, True, "王先生")
    assert "1990" not in made.text

    assert (await asks(edge, made.json()["token"], room, "c1")).status_code == 200
    # The negative control: the same room, the same words, without the city's word.
    guest = (await guests(edge, name="王先生")).json()
    assert "verified" not in guest["user"]
    refused = await asks(edge, guest["token"], room, "c1")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_who_comes_again_is_the_same_and_what_was_decided_about_them_holds(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    first = (await guests(edge, assertion=said(edge, jti="1"))).json()
    moderator = await edge.as_user("moderator1")
    ends = edge.clock.now_ms() + 60_000
    mute = {"user": first["user"]["id"], "room": room, "until": ends, "reason": "请慢一点", "rule": 5}
    assert (await moderator.post("/api/v1/sanctions", json=mute)).status_code == 201
    again = (await guests(edge, assertion=said(edge, jti="2"))).json()
    assert again["user"] == first["user"]
    assert (await asks(edge, again["token"], room, "c1")).json()["code"] == "muted"


async def test_every_other_proof_has_its_refusal(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    used = said(edge)
    await guests(edge, assertion=used)
    for body, status, code in (
        ({"assertion": used}, 409, "assertion_used"),
        ({"assertion": said(edge, secret=SHARED + "!")}, 401, "bad_assertion"),
        ({"assertion": said(edge, alg="none")}, 401, "bad_assertion"),
        ({"assertion": said(edge, seconds=3_600)}, 401, "bad_assertion"),
        ({"assertion": said(edge, seconds=-1)}, 401, "expired"),
        ({"assertion": said(edge, room="0" * 26), "room": room}, 403, "wrong_room"),
        ({"assertion": "x" * 2_001}, 400, "bad_request"),
        ({"assertion": 7}, 400, "bad_request"),
    ):
        answer = await guests(edge, **body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body


async def test_who_is_vouched_for_in_one_room_is_a_guest_in_another(edge: Edge) -> None:
    here, elsewhere = await closed_room(edge), await closed_room(edge)
    token = (await guests(edge, assertion=said(edge, room=here))).json()["token"]
    assert (await asks(edge, token, here, "c1")).status_code == 200
    assert (await asks(edge, token, elsewhere, "c1")).json()["code"] == "forbidden"


async def test_without_the_setting_there_is_no_such_door(edge: Edge) -> None:
    token = (await guests(edge, assertion=said(edge))).json()["token"]
    edge.services.vouching = None
    for answer in (
        await guests(edge, assertion=said(edge, "p-2")),
        await edge.client().post("/api/v1/vouchers", json={"assertion": said(edge, state="s" * 32)}),
    ):
        assert answer.json()["code"] in {"bad_request", "not_found"}
    assert (await guests(edge, name="王")).status_code == 201
    me = await edge.client(headers={"authorization": f"Bearer {token}"}).get("/api/v1/me")
    assert me.json()["verified"] is True


async def test_a_neighbour_the_city_knows_writes_on_where_an_address_is_stopped(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    guest = (await guests(edge)).json()
    assert (await asks(edge, guest["token"], room, "c1")).status_code == 200
    await edge.sightings.write()
    moderator = await edge.as_user("moderator1")
    ends = edge.clock.now_ms() + 60_000
    mute = {"user": guest["user"]["id"], "room": room, "until": ends, "reason": "刷屏", "rule": 5, "by": "address"}
    answer = await moderator.post("/api/v1/sanctions", json=mute)
    assert answer.status_code == 201, answer.text
    neighbour = (await guests(edge)).json()["token"]
    assert (await asks(edge, neighbour, room, "c2")).json()["code"] == "address_stopped"
    known = (await guests(edge, assertion=said(edge))).json()["token"]
    assert (await asks(edge, known, room, "c3")).status_code == 200
