"""A browser known again by its device and its address: who is stopped, who is not, and what anybody is told of it."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from gateway.auth import DEVICE_COOKIE, GUEST_COOKIE
from tests.gateway.api.conftest import Edge, MakeEdge

pytestmark = pytest.mark.anyio

HOUR, DAY = 3_600_000, 86_400_000
HERE, THERE = "203.0.113.7", "203.0.113.8"
ORIGIN = {"origin": "http://testserver"}


class Person:
    """A guest in a browser; `again` is the same browser after its guest was forgotten."""

    def __init__(self, edge: Edge, client: httpx2.AsyncClient) -> None:
        self.edge, self.client, self.id, self.csrf = edge, client, "", ""

    async def arrive(self) -> Person:
        made = await self.client.post("/api/v1/guests", json={"cookie": True}, headers=ORIGIN)
        assert made.status_code == 201, made.text
        self.id, self.csrf = made.json()["user"]["id"], made.json()["csrf"]
        return self

    async def again(self) -> Person:
        self.client.cookies.delete(GUEST_COOKIE)
        return await self.arrive()

    async def ask(self, room: str) -> str:
        """What became of a question: its state, or the code of the refusal."""
        self.edge.clock.advance(60_000)
        body = {"cid": f"c{self.edge.clock.now_ms()}", "kind": "question", "body": f"问{self.edge.clock.now_ms()}"}
        answer = await self.client.post(
            f"/api/v1/rooms/{room}/posts", json=body, headers={**ORIGIN, "x-csrf-token": self.csrf}
        )
        await self.edge.sightings.write()
        told: dict[str, Any] = answer.json()
        return str(told.get("state") or told["code"])


async def person(edge: Edge, address: str = HERE) -> Person:
    return await Person(edge, edge.client(address=address)).arrive()


async def sanction(edge: Edge, who: Person, by: str, **more: Any) -> Any:
    moderator = await edge.as_user("moderator1")
    body = {"user": who.id, "until": edge.clock.now_ms() + HOUR, "reason": "刷屏", "rule": 5, "by": by, **more}
    return await moderator.post("/api/v1/sanctions", json=body)


async def neighbours(edge: Edge, who: Person) -> dict[str, Any]:
    moderator = await edge.as_user("moderator1")
    answer = await moderator.get(f"/api/v1/authors/{who.id}/neighbours")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_cookie_is_for_the_server_alone_and_lasts(make_edge: MakeEdge) -> None:
    edge = await make_edge(public_origin="https://wenzheng.example")
    client = edge.client(base_url="https://wenzheng.example")
    headers = {"origin": "https://wenzheng.example"}
    set_by = (await client.post("/api/v1/guests", json={"cookie": True}, headers=headers)).headers.get_list(
        "set-cookie"
    )
    (device,) = [one for one in set_by if one.startswith(DEVICE_COOKIE)]
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(device.split("; "))
    assert "Max-Age=15552000" in device
    first = client.cookies[DEVICE_COOKIE]
    client.cookies.delete(GUEST_COOKIE)
    await client.post("/api/v1/guests", json={"cookie": True}, headers=headers)
    assert client.cookies[DEVICE_COOKIE] == first
    client.cookies.set(DEVICE_COOKIE, "d1.forged", domain="wenzheng.example")
    client.cookies.delete(GUEST_COOKIE)
    again = await client.post("/api/v1/guests", json={"cookie": True}, headers=headers)
    assert "d1.forged" not in str(again.headers)
    assert any(one.startswith(f"{DEVICE_COOKIE}=d1.") for one in again.headers.get_list("set-cookie"))


async def test_a_client_that_asks_for_no_cookie_has_no_device(edge: Edge) -> None:
    client = edge.client(address=HERE)
    made = await client.post("/api/v1/guests", json={})
    assert "set-cookie" not in made.headers
    (key,) = edge.services.accounts.at((await edge.services.accounts.verify(made.json()["token"])).actor, HERE).sources
    assert key.startswith("a:")


async def test_by_device_the_next_name_is_stopped_and_the_neighbour_not(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    loud, quiet = await person(edge), await person(edge)
    assert [await loud.ask(room), await quiet.ask(room)] == ["pending", "pending"]
    assert await neighbours(edge, loud) == {"device": 0, "address": 1, "most": 20}

    assert (await sanction(edge, loud, "device")).status_code == 201

    assert await loud.ask(room) == "device_stopped"
    first = loud.id
    assert await (await loud.again()).ask(room) == "device_stopped"
    assert loud.id != first
    assert await quiet.ask(room) == "pending"
    # With the cookie gone too it is a new browser: the address is what is left.
    loud.client.cookies.clear()
    assert await (await loud.arrive()).ask(room) == "pending"


async def test_by_address_guests_are_stopped_and_told_it_is_not_them(edge: Edge) -> None:
    room = (await edge.a_room(policy={"premoderate": False}))["id"]
    loud, quiet, elsewhere = await person(edge), await person(edge), await person(edge, THERE)
    for one in (loud, quiet, elsewhere):
        assert await one.ask(room) == "published"

    assert (await sanction(edge, loud, "address")).status_code == 201

    assert [await one.ask(room) for one in (loud, quiet, elsewhere)] == ["address_stopped"] * 2 + ["published"]
    mute = (await quiet.client.get(f"/api/v1/rooms/{room}/mine")).json()["mute"]
    assert (mute["by"], mute["kind"], mute["rule"], mute["reason"]) == ("address", "mute", 5, "刷屏")
    for page in (f"/rooms/{room}", "/my"):
        told = (await quiet.client.get(page)).text
        assert "不是对您本人" in told
        assert mute["sanction"] in told, "and the way to appeal"
    sent = await quiet.client.post(
        f"/api/v1/sanctions/{mute['sanction']}/appeal",
        json={"text": "这是学校的网"},
        headers={**ORIGIN, "x-csrf-token": quiet.csrf},
    )
    assert (sent.status_code, sent.json()["state"]) == (200, "open")
    second = await edge.as_user("moderator2")
    (listed,) = (await second.get("/api/v1/appeals")).json()["items"]
    assert (listed["sanction_by"], listed["text"]) == ("address", "这是学校的网")
    await second.post(f"/api/v1/appeals/{listed['appeal']}/decide", json={"outcome": "reversed"})
    assert await quiet.ask(room) == "published"


async def test_staff_at_a_stopped_address_write_on(edge: Edge) -> None:
    room = (await edge.a_room(policy={"premoderate": False}))["id"]
    loud = await person(edge)
    await loud.ask(room)
    await sanction(edge, loud, "address", kind="suspend")
    staff = edge.client(address=HERE, headers=(await edge.as_user("host")).headers)
    body = {"cid": "n1", "kind": "notice", "body": "本场八点开始"}
    answer = await staff.post(f"/api/v1/rooms/{room}/posts", json=body)
    assert answer.json()["state"] == "published"
    assert await loud.ask(room) == "address_stopped"


async def test_many_at_an_address_have_to_be_seen_first(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    loud = await person(edge)
    await loud.ask(room)
    for _ in range(21):
        await (await person(edge)).ask(room)
    assert (await neighbours(edge, loud))["address"] == 21
    refused = await sanction(edge, loud, "address")
    assert (refused.status_code, refused.json()["code"]) == (409, "shared_address")
    assert (await sanction(edge, loud, "address", others=5)).json()["code"] == "shared_address"
    assert (await sanction(edge, loud, "address", others=21)).status_code == 201


@pytest.mark.parametrize(
    ("by", "more", "status", "code"),
    [
        ("address", {"kind": "ban"}, 400, "bad_request"),
        ("address", {"kind": "warn"}, 400, "bad_request"),
        ("device", {"kind": "warn"}, 400, "bad_request"),
        ("street", {}, 400, "bad_request"),
        ("device", {}, 404, "no_source"),
        ("address", {}, 404, "no_source"),
    ],
)
async def test_what_does_not_fit_or_is_not_known(
    edge: Edge, by: str, more: dict[str, Any], status: int, code: str
) -> None:
    who = await person(edge)
    answer = await sanction(edge, who, by, **more)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_moderator_reads_by_what_it_was_and_lifts_it(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    loud = await person(edge)
    await loud.ask(room)
    await sanction(edge, loud, "device")
    moderator = await edge.as_user("moderator1")
    history = (await moderator.get(f"/api/v1/authors/{loud.id}/history")).json()
    assert [one["by"] for one in history["sanctions"]] == ["device"]
    assert (await moderator.delete("/api/v1/sanctions", params={"user": loud.id})).status_code == 204
    assert await (await loud.again()).ask(room) == "pending"
