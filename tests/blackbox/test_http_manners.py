"""HTTP as it is spoken by clients that are in a hurry, and what is published about the API."""

from __future__ import annotations

import asyncio
import contextlib

import httpx2
import pytest

from tests.services.server import ServerProcess

pytestmark = pytest.mark.anyio


async def test_more_requests_at_once_than_are_taken_leave_no_trace(server: ServerProcess) -> None:
    """The connection is cut while the first of them is being answered: no error of ours."""
    body = b'{"username":"host","password":"no such password"}'
    head = b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 40)
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 10)
    writer.close()
    # Passwords are checked two at a time, in order: by now the first answer has met its closed connection.
    credentials = {"username": "host", "password": "no such password"}
    async with httpx2.AsyncClient(base_url=server.base, trust_env=False, verify=False, timeout=30) as http:
        answers = await asyncio.gather(*(http.post("/api/v1/session", json=credentials) for _ in range(3)))
        assert {answer.status_code for answer in answers} == {401}
    assert "Traceback" not in server.log()


async def test_the_description_says_where_no_token_is_needed(server: ServerProcess) -> None:
    async with httpx2.AsyncClient(base_url=server.base, trust_env=False, verify=False) as http:
        paths = (await http.get("/api/v1/openapi.json")).json()["paths"]
    assert {} in paths["/rooms/{room}/events"]["get"]["security"]
    assert {"bearer": []} in paths["/rooms/{room}/events"]["get"]["security"]
    assert {} not in paths["/rooms/{room}/queue"]["get"]["security"]
    shown = paths["/rooms/{room}/transcript"]["get"]["responses"]["200"]["content"]
    assert set(shown) == {"application/json", "text/csv", "text/markdown", "text/html"}


async def test_caches_are_told_once_what_a_page_depends_on(server: ServerProcess) -> None:
    async with httpx2.AsyncClient(base_url=server.base, trust_env=False, verify=False) as http:
        vary = (await http.get("/")).headers["vary"].lower().split(", ")
    assert sorted(vary) == ["accept-encoding", "accept-language", "cookie"]
