"""A foreign page does nothing with our cookies."""

from __future__ import annotations

import httpx2
import pytest

from tests.gateway.api.conftest import PASSWORD, Edge, MakeEdge

pytestmark = pytest.mark.anyio

TICKETS = "/api/v1/tickets"
OWN = "http://testserver"


async def with_cookie(edge: Edge) -> tuple[httpx2.AsyncClient, str]:
    client = edge.client()
    body = {"username": "host", "password": PASSWORD, "cookie": True}
    return client, (await client.post("/api/v1/session", json=body)).json()["csrf"]


async def code_of(client: httpx2.AsyncClient, path: str, **options: object) -> str:
    answer = await client.post(path, **options)  # type: ignore[arg-type]
    return "" if answer.status_code < 400 else str(answer.json()["code"])


@pytest.mark.parametrize("token", [None, "", "0" * 64, "x", "é"])
async def test_with_a_cookie_a_change_needs_the_token(edge: Edge, token: str | None) -> None:
    client, _ = await with_cookie(edge)

    headers = {} if token is None else {"x-csrf-token": token.encode()}
    assert await code_of(client, TICKETS, headers=headers) == "bad_csrf"


async def test_with_the_token_it_is_done_and_with_another_sessions_it_is_not(edge: Edge) -> None:
    client, csrf = await with_cookie(edge)
    _, other = await with_cookie(edge)

    assert await code_of(client, TICKETS, headers={"x-csrf-token": csrf}) == ""
    assert await code_of(client, TICKETS, headers={"x-csrf-token": other}) == "bad_csrf"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "file://",
        "http://testserver.evil.example",
        "http://eviltestserver",
        "http://testserver:8080",
        "ftp://testserver",
        "http://testserver@evil.example",
        "http://tеstserver".encode().decode("latin-1"),
        "",
        "http://testserver/",
    ],
)
async def test_from_a_foreign_page_not_even_the_token_helps(edge: Edge, origin: str) -> None:
    client, csrf = await with_cookie(edge)

    headers = {"x-csrf-token": csrf, "origin": origin.encode("latin-1")}
    assert await code_of(client, TICKETS, headers=headers) == "bad_csrf"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "rubbish"])
async def test_what_the_browser_calls_foreign_is_foreign(edge: Edge, site: str) -> None:
    client, csrf = await with_cookie(edge)

    assert await code_of(client, TICKETS, headers={"x-csrf-token": csrf, "sec-fetch-site": site}) == "bad_csrf"


async def test_our_own_page_and_an_allowed_origin_pass(make_edge: MakeEdge) -> None:
    edge = await make_edge(allowed_origins=("https://app.city.example",))
    client, csrf = await with_cookie(edge)

    for origin in (OWN, "https://app.city.example"):
        assert await code_of(client, TICKETS, headers={"x-csrf-token": csrf, "origin": origin}) == ""


async def test_a_foreign_page_signs_nobody_in(edge: Edge) -> None:
    body = {"username": "host", "password": PASSWORD, "cookie": True}

    client = edge.client()
    assert await code_of(client, "/api/v1/session", json=body, headers={"origin": "https://evil.example"}) == "bad_csrf"
    assert await code_of(client, "/signin", data=body, headers={"origin": "https://evil.example"}) == "bad_csrf"


async def test_a_guests_cookie_is_guarded_alike(edge: Edge) -> None:
    room = await edge.a_room()
    client = edge.client()
    csrf = (await client.post("/api/v1/guests", json={"cookie": True})).json()["csrf"]
    post = {"cid": "1", "kind": "question", "body": "几点首班车？"}

    assert await code_of(client, f"/api/v1/rooms/{room['id']}/posts", json=post) == "bad_csrf"
    assert await code_of(client, f"/api/v1/rooms/{room['id']}/posts", json=post, headers={"x-csrf-token": csrf}) == ""


async def test_a_bearer_token_needs_no_proof_even_beside_a_cookie(edge: Edge) -> None:
    client, _ = await with_cookie(edge)
    await edge.as_user("host")

    bearer = {"authorization": f"Bearer {edge.tokens['host']}", "origin": "https://evil.example"}
    assert await code_of(client, TICKETS, headers=bearer) == ""


async def test_a_form_proves_itself_by_origin_or_by_its_hidden_field(edge: Edge) -> None:
    for headers, data, allowed in (
        ({"origin": OWN}, {}, True),
        ({"sec-fetch-site": "same-origin"}, {}, True),
        ({}, {"csrf": "right"}, True),
        ({}, {"csrf": "wrong"}, False),
        ({}, {}, False),
    ):
        client, csrf = await with_cookie(edge)
        form = {name: csrf if value == "right" else value for name, value in data.items()}
        answer = await client.post("/signout", data=form, headers=headers)
        assert (answer.status_code == 403) == (not allowed), (headers, data)
        gone = (await client.get("/api/v1/me")).status_code == 401
        assert gone == allowed


async def test_a_form_read_for_its_proof_still_reaches_the_page(edge: Edge) -> None:
    room = await edge.a_room()
    client = edge.client()
    csrf = (await client.post("/api/v1/guests", json={"cookie": True})).json()["csrf"]

    form = {"csrf": csrf, "cid": "f1", "body": "表单里的问题"}
    answer = await client.post(f"/rooms/{room['id']}/ask", data=form)

    assert answer.status_code in {200, 303}, answer.text
    mine = (await client.get(f"/api/v1/rooms/{room['id']}/mine")).json()["posts"]
    assert [post["body"] for post in mine] == ["表单里的问题"]


async def test_reading_needs_no_proof(edge: Edge) -> None:
    client, _ = await with_cookie(edge)

    answer = await client.get("/api/v1/me", headers={"origin": "https://evil.example"})

    assert answer.status_code == 200
    # And no foreign page may look at the answer.
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
