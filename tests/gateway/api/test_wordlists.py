"""Word lists over HTTP: what a client sends and gets, and what a moderator's file becomes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.api.conftest import Edge

pytestmark = pytest.mark.anyio
LIST = "/api/v1/wordlists/city"


async def publish(edge: Edge, based_on: int = 0, who: str = "moderator1", **change: Any) -> Any:
    client = await edge.as_user(who)
    return await client.post(f"{LIST}/versions", json={"based_on": based_on, "reason": "有人绕过", **change})


async def test_a_file_becomes_a_version_and_comes_out_again(edge: Edge) -> None:
    written = "term,category,action,match\n黑车,营运,hold,plain\n卖票,广告,refuse,plain+sound\n"
    answer = await publish(edge, terms=written)

    assert answer.status_code == 201, answer.text
    assert (answer.json()["number"], answer.json()["count"], answer.json()["by"]["name"]) == (1, 2, "moderator1某")
    client = await edge.as_user("coordinator1")
    shown = (await client.get(LIST)).json()
    assert shown["terms"] == written
    csv = await client.get(f"{LIST}/export")
    assert (csv.text, csv.headers["content-type"]) == (shown["terms"], "text/csv; charset=utf-8")
    assert 'filename="terms-city-v1.csv"' in csv.headers["content-disposition"]
    text = await client.get(f"{LIST}/export?format=txt")
    assert (text.text, text.headers["content-type"]) == ("黑车\n卖票\n", "text/plain; charset=utf-8")


async def test_versions_are_compared_and_an_older_one_is_read_again(edge: Edge) -> None:
    await publish(edge, terms="黑车\n")
    await publish(edge, 1, put="卖票\n", remove=["黑车"], exceptions="卖票点\n")
    client = await edge.as_user("moderator2")

    versions = (await client.get(f"{LIST}/versions?limit=1")).json()
    assert [one["number"] for one in versions["items"]] == [2]
    assert versions["next"] == "2"
    compared = (await client.get(f"{LIST}/diff?older=1&newer=2")).json()
    assert compared["counts"] == {
        "added": 1,
        "removed": 1,
        "changed": 0,
        "exceptions_added": 1,
        "exceptions_removed": 0,
    }
    assert compared["added"] == [{"term": "卖票", "category": None, "action": "hold", "match": ["plain"]}]
    assert "黑车" in (await client.get(f"{LIST}?number=1")).json()["terms"]
    assert (await client.get(f"{LIST}?number=7")).status_code == 404


async def test_a_scope_without_a_list_has_an_empty_one(edge: Edge) -> None:
    client = await edge.as_user("moderator1")

    assert (await client.get(LIST)).json()["number"] == 0
    assert (await client.get("/api/v1/wordlists")).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"terms": "好\n！！\n"}, 400, "bad_terms", "terms.2"),
        ({"terms": "好", "based_on": 3}, 409, "stale_version", None),
        ({"terms": "好", "reason": " "}, 400, "bad_request", "reason"),
        ({"terms": 7}, 400, "bad_request", "terms"),
    ],
)
async def test_what_cannot_be_published_says_why(
    edge: Edge, change: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    client = await edge.as_user("moderator1")

    answer = await client.post(f"{LIST}/versions", json={"based_on": 0, "reason": "为什么", **change})

    assert (answer.status_code, answer.json()["code"], answer.json().get("field")) == (status, code, field)


async def test_a_room_has_a_list_of_its_own(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    client = await edge.as_user("moderator1")
    change = {"based_on": 0, "reason": "今晚", "terms": "黄牛\n"}

    assert (await client.post(f"/api/v1/wordlists/{room}/versions", json=change)).status_code == 201
    assert (await client.post("/api/v1/wordlists/nowhere/versions", json=change)).status_code == 404
    heads = (await client.get("/api/v1/wordlists")).json()["items"]
    assert [(one["scope"], one["number"]) for one in heads] == [(room, 1)]


async def test_a_dry_run_says_what_would_be_held(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    await edge.a_question(room, "黄牛在卖票", "c1")
    await edge.a_question(room, "起步价为什么是三元", "c2")
    client = await edge.as_user("moderator1")

    answer = (await client.post(f"{LIST}/dry-run", json={"put": "黄牛\n", "n": 100})).json()

    assert {name: answer[name] for name in ("tried", "held", "refused", "let_through")} == {
        "tried": 2,
        "held": 1,
        "refused": 0,
        "let_through": 0,
    }
    (changed,) = answer["changed"]
    assert (changed["body"], changed["before"], changed["after"]) == ("黄牛在卖票", "admit", "hold")
    assert (changed["reasons"][0]["from"], changed["reasons"][0]["to"]) == (0, 2)
    assert (await client.get(LIST)).json()["number"] == 0


@pytest.mark.parametrize("scope", ["城市", "unknown"])
async def test_a_scope_is_the_city_or_a_room_that_exists(edge: Edge, scope: str) -> None:
    client, path = await edge.as_user("moderator1"), f"/api/v1/wordlists/{scope}"
    change = {"put": "黑车\n"}
    answers = [
        *[await client.get(f"{path}{call}") for call in ("", "/versions", "/diff?older=0&newer=1", "/export")],
        await client.post(f"{path}/dry-run", json={**change, "n": 10}),
        await client.post(f"{path}/versions", json={**change, "based_on": 0, "reason": "有人绕过"}),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "no_room")}
