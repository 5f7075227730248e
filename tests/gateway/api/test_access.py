"""Every way in × every role: the table decides at the door, and objects are asked about one by one behind it."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from gateway.guard import GuardedRoute
from gateway.routes import ENDPOINTS
from kernel.permissions import GRANTS, Role
from tests.gateway.api.conftest import Edge

pytestmark = pytest.mark.anyio

PEOPLE = {
    Role.VISITOR: "visitor",
    Role.NETIZEN: "guest",
    Role.RESPONDENT: "price1",
    Role.HOST: "host",
    Role.MODERATOR: "moderator1",
    Role.INSPECTOR: "inspector1",
    Role.EVALUATOR: "evaluator1",
    Role.COORDINATOR: "coordinator1",
    Role.ADMIN: "admin",
}
NOWHERE = "0" * 26


def at(path: str) -> str:
    return re.sub(r"{[^}]+}", NOWHERE, path)


async def ask(client: httpx2.AsyncClient, method: str, path: str, **options: Any) -> tuple[int, str]:
    """Status and code; what fails says so as a problem, and only a page's own form may draw it instead."""
    answer = await client.request(method, path, **options)
    drawn = answer.headers.get("content-type", "").startswith("text/html") and not path.startswith("/api/")
    if answer.status_code < 400 or drawn:
        return answer.status_code, ""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert {"code", "title", "detail", "temporary"} <= set(problem)
    return answer.status_code, problem["code"]


@pytest.mark.parametrize("role", Role)
async def test_every_route_lets_in_whom_the_table_names(edge: Edge, role: Role) -> None:
    client = await edge.as_user(PEOPLE[role])
    tried = 0
    for route in edge.app.routes:
        assert isinstance(route, GuardedRoute)
        granted = any(role in GRANTS[action] for action in route.actions)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            if (route.path == "/signout" or (route.path.endswith("/session") and method == "DELETE")) and granted:
                continue  # would end the session the others are tried with
            status, code = await ask(client, method, at(route.path))
            tried += 1
            assert code != "internal", (method, route.path)
            if granted:
                # A page may have its own reasons to send somebody away, who is signed in as the wrong person.
                refused = code in {"unauthenticated", "forbidden"} and route.path.startswith("/api/")
                assert not refused, (method, route.path, status)
            else:
                expected = (401, "unauthenticated") if role is Role.VISITOR else (403, "forbidden")
                assert (status, code) == expected, (method, route.path)
    assert tried > len(ENDPOINTS)


@pytest.mark.parametrize("lane", ["pub", "desk", "mod"])
async def test_lanes_are_read_by_those_they_are_for(edge: Edge, lane: str) -> None:
    room = await edge.a_room(departments=["price"])
    readers = {
        "pub": set(PEOPLE.values()) | {"metro1"},
        "desk": {"price1", "host", "inspector1"},
        "mod": {"moderator1"},
    }
    for username in {*PEOPLE.values(), "metro1"}:
        client = await edge.as_user(username)
        status, code = await ask(client, "GET", f"/api/v1/rooms/{room['id']}/events?lane={lane}")
        if username in readers[lane]:
            assert status == 200, (username, lane)
        else:
            assert code == ("unauthenticated" if username == "visitor" else "forbidden"), (username, lane)


async def test_a_department_not_in_the_room_answers_nothing_there(edge: Edge) -> None:
    room = await edge.a_room(departments=["price"])
    question = await edge.published(room["id"])
    stranger = await edge.as_user("metro1")

    for kind, reply_to in (("reply", question), ("notice", None), ("note", None)):
        post = {"cid": kind, "kind": kind, "body": "我们来答", "reply_to": reply_to}
        assert await ask(stranger, "POST", f"/api/v1/rooms/{room['id']}/posts", json=post) == (403, "forbidden")


async def test_a_post_is_changed_by_its_author_alone(edge: Edge) -> None:
    room = await edge.a_room()
    asked = await edge.a_question(room["id"])
    for username in ("guest-2", "price1", "host", "moderator1"):
        client = await edge.as_user(username)
        revised = await ask(client, "POST", f"/api/v1/posts/{asked['post']}/revise", json={"ver": 1, "body": "改"})
        withdrawn = await ask(client, "POST", f"/api/v1/posts/{asked['post']}/withdraw")
        assert {revised[0], withdrawn[0]} <= {403, 404}, username

    guest = await edge.as_user("guest")
    assert (await ask(guest, "POST", f"/api/v1/posts/{asked['post']}/withdraw"))[0] == 200


async def test_hosts_and_moderators_pin_and_stage_and_nobody_else(edge: Edge) -> None:
    room = await edge.a_room()
    post = await edge.published(room["id"])
    for username in PEOPLE.values():
        client = await edge.as_user(username)
        for verb in ("pin", "stage"):
            status, _ = await ask(client, "POST", f"/api/v1/posts/{post}/{verb}", json={"on": True})
            assert (status == 200) == (username in {"host", "moderator1"}), (username, verb)


async def test_a_moderator_freezes_a_room_and_changes_no_policy(edge: Edge) -> None:
    room = await edge.a_room()
    moderator = await edge.as_user("moderator1")

    assert (await ask(moderator, "PATCH", f"/api/v1/rooms/{room['id']}", json={"freeze": True}))[0] == 200
    policy = {"policy": {"premoderate": False}}
    assert await ask(moderator, "PATCH", f"/api/v1/rooms/{room['id']}", json=policy) == (403, "forbidden")


async def test_undecided_and_refused_texts_reach_their_author_and_moderators_only(edge: Edge) -> None:
    room = await edge.a_room()
    place = f"/api/v1/rooms/{room['id']}"
    await edge.a_question(room["id"], "等着的秘密甲", cid="waits")
    refused = await edge.a_question(room["id"], "被拒的秘密乙", cid="refused")
    moderator = await edge.as_user("moderator1")
    pulled = (await moderator.post("/api/v1/queue/pull", json={"n": 9})).json()["posts"]
    ver = next(post["ver"] for post in pulled if post["post"] == refused["post"])
    ruling = {"ver": ver, "verdict": "reject", "reason": "rude"}
    assert (await moderator.post(f"/api/v1/posts/{refused['post']}/decide", json=ruling)).status_code == 200

    reads = [
        f"{place}/questions",
        f"{place}/events?lane=pub",
        f"{place}/events?lane=desk",
        f"{place}/events?lane=mod",
        f"{place}/mine",
        f"{place}/queue",
        f"{place}/transcript?format=json",
        f"{place}/transcript?format=csv",
        f"{place}/transcript?format=md",
        f"{place}/transcript?format=html",
        f"/rooms/{room['id']}",
    ]
    for username in (*PEOPLE.values(), "metro1", "guest-2"):
        client = await edge.as_user(username)
        seen = "".join([(await client.get(path)).text for path in reads])
        assert ("等着的秘密甲" in seen) == (username in {"guest", "moderator1"}), username
        assert ("被拒的秘密乙" in seen) == (username == "guest"), username
