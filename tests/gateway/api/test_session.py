"""Signing in over HTTP: tokens, cookies, throttling, and nothing of it in places that are kept."""

from __future__ import annotations

import logging

import pytest

from tests.gateway.api.conftest import HOUR, PASSWORD, Edge, MakeEdge

pytestmark = pytest.mark.anyio

SESSION = "/api/v1/session"
ME = "/api/v1/me"


async def test_sign_in_read_me_sign_out(edge: Edge) -> None:
    client = edge.client()

    answer = await client.post(SESSION, json={"username": "price1", "password": PASSWORD})
    assert answer.status_code == 200
    signed_in = answer.json()
    assert signed_in["expires_at"] == edge.clock.now_ms() + 12 * HOUR
    assert signed_in["user"] == {**signed_in["user"], "role": "respondent", "department": "price", "guest": False}
    # A bearer token is asked for: no cookie comes along unasked.
    assert "set-cookie" not in answer.headers

    bearer = {"authorization": f"Bearer {signed_in['token']}"}
    me = (await client.get(ME, headers=bearer)).json()
    assert {**signed_in["user"], "csrf": ""} == me
    assert (await client.delete(SESSION, headers=bearer)).status_code == 204
    assert (await client.get(ME, headers=bearer)).status_code == 401


@pytest.mark.parametrize("body", [{"username": "price1", "password": "x"}, {"username": "nobody", "password": "x"}])
async def test_a_wrong_sign_in_says_only_that(edge: Edge, body: dict[str, str]) -> None:
    answer = await edge.client().post(SESSION, json=body)

    assert answer.status_code == 401
    assert answer.json()["code"] == "bad_credentials"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_tokens_outlive_a_restart(make_edge: MakeEdge) -> None:
    before = await make_edge()
    client = before.client()
    staff = (await client.post(SESSION, json={"username": "host", "password": PASSWORD})).json()["token"]
    guest = (await client.post("/api/v1/guests", json={"name": "林小满"})).json()["token"]

    after = (await make_edge()).client()

    for token, role in ((staff, "host"), (guest, "netizen")):
        assert (await after.get(ME, headers={"authorization": f"Bearer {token}"})).json()["role"] == role


@pytest.mark.parametrize("cookie", ["wz_guest", "wz_session"])
async def test_a_stale_cookie_keeps_nobody_from_starting_anew(edge: Edge, cookie: str) -> None:
    client = edge.client()
    client.cookies.set(cookie, "g1.run.out")

    assert (await client.get(ME)).status_code == 401
    assert (await client.post("/api/v1/guests", json={"name": "林小满"})).status_code == 201
    assert (await client.post(SESSION, json={"username": "host", "password": PASSWORD})).status_code == 200


async def test_a_guest_is_made_with_and_without_a_name(edge: Edge) -> None:
    client = edge.client()

    named = await client.post("/api/v1/guests", json={"name": " 林小满 "})
    nameless = await client.post("/api/v1/guests")

    assert (named.status_code, named.json()["user"]["name"]) == (201, "林小满")
    assert nameless.status_code == 201
    assert nameless.json()["user"]["name"].startswith("网民")
    assert nameless.json()["user"]["role"] == "netizen"


async def test_a_ticket_is_for_staff_and_good_once(edge: Edge) -> None:
    host = await edge.as_user("host")

    issued = (await host.post("/api/v1/tickets")).json()

    assert issued["expires_at"] - edge.clock.now_ms() <= 30_000
    assert (await edge.services.accounts.redeem(issued["ticket"])).actor.role == "host"
    assert (await (await edge.as_user("guest")).post("/api/v1/tickets")).status_code == 403


async def test_a_browser_is_signed_in_by_cookie_where_it_asks(make_edge: MakeEdge) -> None:
    edge = await make_edge(public_origin="https://wenzheng.example")
    client = edge.client(base_url="https://wenzheng.example")

    body = {"username": "host", "password": PASSWORD, "cookie": True}
    answer = await client.post(SESSION, json=body)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("wz_session=")
    for said in ("HttpOnly", "SameSite=lax", "Secure", "Path=/", "Max-Age=43200"):
        assert said in cookie
    csrf = answer.json()["csrf"]
    assert (await client.get(ME)).json()["csrf"] == csrf
    ended = await client.delete(SESSION, headers={"x-csrf-token": csrf})
    assert ended.status_code == 204
    assert "Max-Age=0" in ended.headers["set-cookie"]
    assert (await client.get(ME)).json()["code"] == "unauthenticated"


async def test_the_contracts_floors_of_throttling(edge: Edge) -> None:
    client = edge.client()

    guests = [(await client.post("/api/v1/guests")).status_code for _ in range(100)]
    sign_ins = [
        (await client.post(SESSION, json={"username": "host", "password": PASSWORD})).status_code for _ in range(30)
    ]

    assert set(guests) == {201}
    assert set(sign_ins) == {200}


async def test_over_it_an_address_waits_and_others_do_not(edge: Edge) -> None:
    flood, other = edge.client(), edge.client(address="10.0.0.9")
    wrong = {"username": "host", "password": "x"}
    statuses = [(await flood.post(SESSION, json=wrong)).status_code for _ in range(61)]
    assert statuses == [401] * 60 + [429]

    answer = await flood.post(SESSION, json=wrong)
    problem = answer.json()
    assert (problem["code"], problem["temporary"]) == ("rate", True)
    assert int(answer.headers["retry-after"]) >= problem["retry_ms"] / 1000 > 0
    assert (await other.post(SESSION, json=wrong)).status_code == 401
    edge.clock.advance(problem["retry_ms"])
    assert (await flood.post(SESSION, json=wrong)).status_code == 401


async def test_a_forged_forwarding_header_buys_no_fresh_allowance(edge: Edge) -> None:
    client = edge.client()
    for n in range(60):
        await client.post(SESSION, json={"username": "x", "password": "x"}, headers={"x-forwarded-for": f"9.9.9.{n}"})

    answer = await client.post(SESSION, json={}, headers={"x-forwarded-for": "9.9.9.99"})
    assert answer.status_code == 429


async def test_no_token_password_or_post_is_written_to_a_log_or_an_address(
    edge: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    room = await edge.a_room()
    await edge.a_question(room["id"], "日志里不该有的话")
    body = {"username": "host", "password": PASSWORD, "cookie": True}
    signed_in = (await edge.client().post(SESSION, json=body)).json()
    invited = await (await edge.as_user("host")).post(
        f"/api/v1/rooms/{room['id']}/invitations", json={"department": "metro"}
    )
    ticket = (await (await edge.as_user("host")).post("/api/v1/tickets")).json()["ticket"]
    secret = invited.json()["url"].partition("#invite=")[2]
    metro = await edge.as_user("metro1")
    assert (await metro.post("/api/v1/invitations/accept", json={"code": secret})).status_code == 200

    written = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)
    for kept in (
        PASSWORD,
        signed_in["token"],
        signed_in["csrf"],
        ticket,
        secret,
        "日志里不该有的话",
        *edge.tokens.values(),
    ):
        assert kept not in written
    assert (await edge.client().get("/metrics")).text.count(signed_in["token"]) == 0


async def test_a_stale_cookie_still_reads_pages_and_is_refused_by_the_api(edge: Edge) -> None:
    client = edge.client()
    await client.post(SESSION, json={"username": "host", "password": PASSWORD, "cookie": True})
    cookie = client.cookies["wz_session"]
    edge.clock.advance(13 * HOUR)

    stale = edge.client(headers={"cookie": f"wz_session={cookie}"})
    assert (await stale.get(ME)).json()["code"] == "expired"
    assert (await stale.get("/api/v1/rooms")).status_code == 401
    assert (await stale.get("/signin", headers={"accept": "text/html"})).status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        "Basic aG9zdDpob3N0",
        "Bearer",
        "Bearer ",
        "bearer x",
        "Bearer " + "x" * 5_000,
        "Bearer s1.ffffffffffff.x",
        "x",
        "",
    ],
)
async def test_another_authorization_is_nobodys_and_hides_no_cookie(edge: Edge, value: str) -> None:
    client = edge.client()
    await client.post(SESSION, json={"username": "host", "password": PASSWORD, "cookie": True})

    answer = await client.get(ME, headers={"authorization": value})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_token_in_the_address_is_not_looked_at(edge: Edge) -> None:
    await edge.as_user("host")

    answer = await edge.client().get(ME, params={"token": edge.tokens["host"], "access_token": edge.tokens["host"]})

    assert answer.status_code == 401
