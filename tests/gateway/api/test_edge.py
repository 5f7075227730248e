"""What every answer is like: problems in one form, headers that forbid, the demo for this machine alone."""

from __future__ import annotations

import logging

import pytest

from gateway.security_headers import content_security_policy
from kernel.refusals import CODES
from tests.gateway.api.conftest import Edge, MakeEdge

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/v1/rooms/", 404, "not_found"),
        ("PUT", "/api/v1/rooms", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("TRACE", "/", 405, "method_not_allowed"),
        ("GET", "/api/v1/rooms/" + "0" * 26, 404, "no_room"),
        ("GET", "/api/v1/me", 401, "unauthenticated"),
    ],
)
async def test_every_failure_is_a_problem_with_a_code(
    edge: Edge, method: str, path: str, status: int, code: str
) -> None:
    answer = await edge.client().request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["temporary"] is CODES[code].temporary
    assert answer.headers["cache-control"] == "no-store"
    if status == 405:
        assert answer.headers["allow"]


async def test_a_wrong_method_learns_all_that_are_right(edge: Edge) -> None:
    answer = await edge.client().put("/api/v1/rooms")

    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_sentences_come_in_the_readers_language(edge: Edge) -> None:
    client = edge.client()

    zh = (await client.get("/api/v1/me", headers={"accept-language": "zh-CN"})).json()
    en = (await client.get("/api/v1/me?lang=en")).json()

    assert zh["code"] == en["code"]
    assert zh["title"] != en["title"]
    assert not zh["title"].startswith("err.")


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence(code: str, lang: str) -> None:
    from gateway.i18n import catalogue

    assert f"err.{code}" in catalogue(lang)


async def test_a_browser_on_a_page_gets_a_page(edge: Edge) -> None:
    answer = await edge.client().get("/rooms/" + "0" * 26, headers={"accept": "text/html"})

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_an_unexpected_failure_tells_nothing_and_logs_no_words(
    edge: Edge, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = "一段没审的话"

    async def fail(*_: object) -> None:
        raise RuntimeError(f"INSERT INTO post VALUES ({words})")

    monkeypatch.setattr(edge.services.store, "rooms", fail)

    answer = await edge.client().get("/api/v1/rooms")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "post" not in answer.text
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "RuntimeError" in record.getMessage()
    assert words not in caplog.text


@pytest.mark.parametrize("path", ["/", "/api/v1/rooms", "/healthz", "/nothing", "/static/none.js"])
async def test_every_answer_forbids_what_it_does_not_need(edge: Edge, path: str) -> None:
    headers = (await edge.client().get(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    for said in ("default-src 'self'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
        assert said in policy
    assert "connect-src 'self' ws://testserver" in policy


def test_sockets_of_an_https_origin_are_secure_ones() -> None:
    assert "connect-src 'self' wss://wz.example;" in content_security_policy("https://wz.example")


async def test_https_is_asked_for_again(make_edge: MakeEdge) -> None:
    edge = await make_edge(public_origin="https://wz.example")

    assert "strict-transport-security" in (await edge.client().get("/")).headers


async def test_what_somebody_signed_in_was_answered_is_kept_nowhere(edge: Edge) -> None:
    host = await edge.as_user("host")
    for path in ("/", "/signin", "/api/v1/me", "/api/v1/rooms"):
        assert (await host.get(path)).headers["cache-control"] == "no-store", path


async def test_public_answers_of_the_api_are_not_kept_either(edge: Edge) -> None:
    assert (await edge.client().get("/api/v1/rooms")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:8000", "127.9.9.9", "[::1]:8000", "LOCALHOST"]
)
async def test_the_demo_answers_this_machine(make_edge: MakeEdge, host: str) -> None:
    edge = await make_edge(demo=True)

    assert (await edge.client().get("/healthz", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "wenzheng.example",
        "192.168.1.5:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:127",
        "0.0.0.0",
        "10.0.0.1",
        "localhost@evil.example",
        "localhost:evil",
        "[::2]",
        "",
    ],
)
async def test_the_demo_answers_to_no_other_name(make_edge: MakeEdge, host: str) -> None:
    edge = await make_edge(demo=True)

    for path in ("/healthz", "/", "/api/v1/rooms", "/static/none.js"):
        answer = await edge.client().get(path, headers={"host": host})
        assert (answer.status_code, answer.json()["code"]) == (421, "misdirected")


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP"],
)
async def test_the_demo_stands_behind_no_proxy(make_edge: MakeEdge, header: str) -> None:
    edge = await make_edge(demo=True)

    answer = await edge.client().get("/healthz", headers={"host": "localhost", header: "127.0.0.1"})

    assert answer.status_code == 421


async def test_without_the_demo_any_name_is_answered(edge: Edge) -> None:
    answer = await edge.client().get("/healthz", headers={"host": "wenzheng.example", "x-forwarded-for": "1.2.3.4"})

    assert answer.status_code == 200
