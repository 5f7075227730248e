"""The log of requests, on an application of our own."""

from __future__ import annotations

import logging

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from wenzheng.request_log import RequestLog

pytestmark = pytest.mark.anyio


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/broken":
        raise RuntimeError("no answer")
    scope.setdefault("state", {})["client_address"] = "198.51.100.7"
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def asked(path: str, caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    caplog.set_level(logging.INFO)
    transport = httpx2.ASGITransport(app=RequestLog(app), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
        await client.get(path)
    return [record for record in caplog.records if record.name == "wenzheng.request"]


async def test_it_says_who_what_and_how_it_ended(caplog: pytest.LogCaptureFixture) -> None:
    (record,) = await asked("/rooms/r1?q=x", caplog)
    shown = vars(record)
    assert (shown["method"], shown["path"], shown["status"]) == ("GET", "/rooms/r1", 204)
    assert shown["client"] == "198.51.100.7"


async def test_the_code_of_an_invitation_is_covered(caplog: pytest.LogCaptureFixture) -> None:
    (record,) = await asked("/api/v1/invitations/ABCD2345/accept", caplog)
    assert vars(record)["path"] == "/api/v1/invitations/…/accept"


async def test_a_path_without_end_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    (record,) = await asked("/static/" + "a/" * 3000, caplog)
    assert len(vars(record)["path"]) == 200


async def test_probes_are_quiet_and_failures_are_not(caplog: pytest.LogCaptureFixture) -> None:
    assert await asked("/readyz", caplog) == []
    assert [vars(record)["status"] for record in await asked("/broken", caplog)] == [0]
