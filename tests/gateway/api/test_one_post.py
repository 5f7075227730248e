"""One post travels over HTTP alone: asked, held, published, answered, hidden, shown again, in the transcript."""

from __future__ import annotations

import pytest

from tests.gateway.api.conftest import Edge

pytestmark = pytest.mark.anyio


async def test_from_the_question_to_the_transcript(edge: Edge) -> None:
    room = await edge.a_room()
    assert (room["state"], room["policy"]["premoderate"]) == ("live", True)
    place = f"/api/v1/rooms/{room['id']}"
    guest, visitor = await edge.as_user("guest"), await edge.as_user("visitor")
    moderator, price = await edge.as_user("moderator1"), await edge.as_user("price1")

    # Given a question that waits
    asked = await edge.a_question(room["id"], "起步价为什么是三元？")
    assert asked["state"] == "pending"
    assert "seq" not in asked
    assert (await visitor.get(f"{place}/questions")).json() == {"items": [], "next": None}
    (mine,) = (await guest.get(f"{place}/mine")).json()["posts"]
    assert (mine["post"], mine["state"], mine["body"]) == (asked["post"], "pending", "起步价为什么是三元？")

    # When a moderator pulls and publishes it
    (queued,) = (await moderator.get(f"{place}/queue", params={"state": "waiting"})).json()["items"]
    assert (queued["post"], queued["state"], queued["claim"]) == (asked["post"], "pending", "waiting")
    (pulled,) = (await moderator.post("/api/v1/queue/pull", json={"n": 5})).json()["posts"]
    ruling = {"ver": pulled["ver"], "verdict": "publish"}
    decided = (await moderator.post(f"/api/v1/posts/{asked['post']}/decide", json=ruling)).json()
    assert decided["state"] == "published"

    # Then everybody sees it, and the department answers in the thread
    events = (await visitor.get(f"{place}/events", params={"lane": "pub"})).json()
    assert events["items"][-1]["body"] == "起步价为什么是三元？"
    assert events["items"][-1]["s"] == decided["seq"] == events["head"]
    reply = {"cid": "r1", "kind": "reply", "body": "成本监审表明……", "reply_to": asked["post"]}
    answered = (await price.post(f"{place}/posts", json=reply)).json()
    assert answered["state"] == "published"
    (thread,) = (await visitor.get(f"{place}/questions")).json()["items"]
    assert [each["body"] for each in thread["replies"]] == ["成本监审表明……"]

    # And it can be hidden and shown again, with the same answer when repeated
    hidden = await moderator.post(f"/api/v1/posts/{asked['post']}/redact", json={"reason": "personal"})
    again = await moderator.post(f"/api/v1/posts/{asked['post']}/redact", json={"reason": "personal"})
    assert hidden.json() == again.json()
    for form in ("json", "csv", "md", "html"):
        shown = await visitor.get(f"{place}/transcript", params={"format": form})
        assert shown.status_code == 200
        assert "起步价为什么是三元" not in shown.text, form
    await moderator.post(f"/api/v1/posts/{asked['post']}/restore", json={"reason": "mistake"})
    # The page is shared by its readers for a quarter of a second, so it may still be the one before.
    for form in ("json", "csv", "md"):
        assert "起步价为什么是三元" in (await visitor.get(f"{place}/transcript", params={"format": form})).text, form


async def test_a_moderator_sees_what_an_author_did_before(edge: Edge) -> None:
    room = await edge.a_room()
    asked = await edge.a_question(room["id"], "起步价为什么是三元？")
    moderator, host = await edge.as_user("moderator1"), await edge.as_user("host")
    (queued,) = (await moderator.get(f"/api/v1/rooms/{room['id']}/queue")).json()["items"]
    place = f"/api/v1/authors/{queued['by']['id']}/history"

    found = (await moderator.get(place, params={"room": room["id"]})).json()

    assert found["counts"] == {"published": 0, "hidden": 0, "refused": 0, "withdrawn": 0, "pending": 1}
    assert [(one["post"], one["body"]) for one in found["posts"]] == [(asked["post"], "起步价为什么是三元？")]
    assert "hidden" not in found["posts"][0], "what there is not is left out"
    assert (await moderator.get(place)).json() == found
    assert (await moderator.get(place, params={"room": "nowhere"})).json()["code"] == "no_room"
    refused = await host.get(place)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "起步价" not in refused.text


async def test_the_same_cid_is_the_same_post(edge: Edge) -> None:
    room = await edge.a_room()

    once = await edge.a_question(room["id"], "早班车几点？", cid="k")
    twice = await edge.a_question(room["id"], "早班车几点？", cid="k")

    assert once["post"] == twice["post"]
    guest = await edge.as_user("guest")
    other = {"cid": "k", "kind": "question", "body": "末班车几点？"}
    conflict = await guest.post(f"/api/v1/rooms/{room['id']}/posts", json=other)
    assert (conflict.status_code, conflict.json()["code"]) == (409, "conflict")
