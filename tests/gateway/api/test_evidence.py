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


@pytest.mark.parametrize("call", ["evidence", "evidence/keep"])
async def test_a_reason_is_a_sentence_and_no_page(edge: Edge, call: str) -> None:
    post = await refused(edge, (await edge.a_room())["id"], "话")
    inspector = await edge.as_user("inspector1")
    send = inspector.put if call.endswith("keep") else inspector.post
    for reason, status in (("看" * 200, 200), ("看" * 201, 413), ("", 400)):
        answer = await send(f"/api/v1/posts/{post}/{call}", json={"ver": 1, "on": True, "reason": reason})
        assert answer.status_code == status


async def test_who_reads_the_chain_keeps_a_text_for_a_dispute(edge: Edge) -> None:
    room = (await edge.a_room())["id"]
    post = await refused(edge, room, "话")
    asked = {"ver": 1, "on": True, "reason": "诉讼未结"}
    for who, status in (("moderator1", 403), ("host", 403), ("guest", 403), ("inspector1", 200), ("admin", 200)):
        kept = await (await edge.as_user(who)).put(f"/api/v1/posts/{post}/evidence/keep", json=asked)
        assert kept.status_code == status
    assert kept.json() == {"post": post, "ver": 1, "kept": True}
    log = await (await edge.as_user("admin")).get("/api/v1/evidence", params={"room": room})
    assert [(one["why"], one["reason"]) for one in log.json()["items"]] == [("kept", "诉讼未结"), ("refused", "6")]


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
