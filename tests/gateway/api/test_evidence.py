"""Sealed evidence over HTTP: who may open, that a reason is asked, and who may read the log."""

from __future__ import annotations

import pytest

from tests.gateway.api.conftest import Edge
from tests.gateway.api.test_appeals import refused

pytestmark = pytest.mark.anyio


async def test_an_inspector_opens_with_a_reason_and_auditors_read_that_it_was(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    post = await refused(edge, room, "独一无二的话")
    inspector, admin = await edge.as_user("inspector1"), await edge.as_user("admin")
    assert (await inspector.post(f"/api/v1/posts/{post}/evidence", json={"ver": 1, "reason": " "})).status_code == 400
    opened = await inspector.post(f"/api/v1/posts/{post}/evidence", json={"ver": 1, "reason": "申诉复核"})
    assert (opened.status_code, opened.json()["body"]) == (200, "独一无二的话")
    log = await admin.get("/api/v1/evidence", params={"room": room})
    assert [(one["why"], one["reason"]) for one in log.json()["items"]] == [("opened", "申诉复核"), ("refused", "6")]
    assert "独一无二的话" not in log.text


@pytest.mark.parametrize(
    ("who", "opens", "audits"),
    [
        ("visitor", 401, 401),
        ("guest", 403, 403),
        ("price1", 403, 403),
        ("host", 403, 403),
        ("moderator1", 404, 403),
        ("inspector1", 404, 200),
        ("admin", 403, 200),
    ],
)
async def test_each_role_by_the_table(edge: Edge, who: str, opens: int, audits: int) -> None:
    client = await edge.as_user(who)
    opening = await client.post(f"/api/v1/posts/{'0' * 26}/evidence", json={"ver": 1, "reason": "看"})
    assert (opening.status_code, (await client.get("/api/v1/evidence")).status_code) == (opens, audits)
