"""Writing, deciding, voting: what the handlers are asked, what comes back, and who is told about itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.live import own
from gateway.wire import COMMANDS
from kernel.permissions import GRANTS, Role
from kernel.refusals import CODES, Refusal
from moderation.commands import Ruling
from rooms.model import Lane, PostKind, PostState, Reason
from tests.gateway.live.house import PEOPLE, House, receipt, waiting
from tests.rooms.world import ROOM, settle

pytestmark = pytest.mark.anyio

QUESTION = {"room": ROOM, "cid": "c1", "kind": "question", "body": "几点开门？"}


async def test_a_question_is_answered_with_its_receipt(house: House) -> None:
    client = await house.client().hello("netizen")
    reason = Reason("personal", "phone", None, 3, 14)
    house.posting.answers["submit"] = receipt(PostState.PENDING, reasons=(reason, Reason("trust", "watched")))
    answer = await client.ask("post", **QUESTION)
    del answer["id"]
    assert answer == {
        "t": "ok",
        "post": "p1",
        "state": "pending",
        "ver": 1,
        "reasons": [{"phase": "personal", "category": "phone", "from": 3, "to": 14}],
    }
    ((name, arguments, named),) = house.posting.asked
    assert (name, arguments) == ("submit", (PEOPLE["netizen"], ROOM))
    assert named == {"cid": "c1", "kind": PostKind.QUESTION, "body": "几点开门？", "reply_to": None}


async def test_commands_need_no_join(house: House) -> None:
    client = await house.client().hello("price1")
    house.posting.answers["submit"] = receipt(PostState.PUBLISHED, seq=4)
    answer = await client.ask("post", room=ROOM, cid="c", kind="reply", body="b", reply_to="p0")
    assert (answer["state"], answer["seq"]) == ("published", 4)


async def test_a_netizens_body_is_shorter_than_staffs(house: House) -> None:
    netizen, price = await house.client().hello("netizen"), await house.client().hello("price1")
    house.posting.answers["submit"] = receipt(PostState.PUBLISHED, seq=1)
    assert (await netizen.ask("post", **{**QUESTION, "body": "长" * 2_001}))["code"] == "too_large"
    assert (await netizen.ask("post", **{**QUESTION, "body": "长" * 2_000}))["t"] == "ok"
    assert (await price.ask("post", **{**QUESTION, "kind": "notice", "body": "长" * 2_001}))["t"] == "ok"
    assert (await netizen.ask("revise", post="p1", ver=1, body="长" * 2_001))["code"] == "too_large"


async def test_refusals_are_told_with_what_helps(house: House) -> None:
    client = await house.client().hello("netizen")
    house.posting.answers["submit"] = Refusal("slow_mode", retry_ms=2_500)
    answer = await client.ask("post", **QUESTION)
    del answer["id"]
    assert answer == {
        "t": "err",
        "code": "slow_mode",
        "msg": "zh-CN:slow_mode",
        "temporary": True,
        "retry_ms": 2_500,
    }


@pytest.mark.parametrize("name", CODES)
async def test_only_the_codes_of_the_contract_travel(house: House, name: str) -> None:
    client = await house.client().hello("netizen")
    house.posting.answers["submit"] = Refusal(name)
    told = (await client.ask("post", **QUESTION))["code"]
    assert told in {
        *("internal", "unavailable", "rate", "queue_full", "slow_mode", "room_paused"),
        *("bad_frame", "too_large", "unknown_command", "unauthenticated", "forbidden", "expired", "no_room"),
        *(
            "no_post",
            "room_closed",
            "conflict",
            "stale_version",
            "lease_lost",
            "range_gone",
            "muted",
            "suspended",
            "banned",
        ),
        *(
            "suspended",
            "banned",
            "device_stopped",
            "address_stopped",
            "too_many_rooms",
            "appealed",
            "own_ruling",
            "decided",
            "no_appeal",
        ),
    }


async def test_a_failing_handler_is_internal_and_the_next_frame_gets_its_turn(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    client = await house.client().hello("netizen")
    house.posting.answers["submit"] = RuntimeError("boom")
    client.send({"t": "post", "id": 11, **QUESTION}, {"t": "leave", "id": 12, "room": ROOM})
    await settle()
    assert [(frame["id"], frame["t"]) for frame in client.frames[1:]] == [(11, "err"), (12, "ok")]
    assert client.frames[1]["code"] == "internal"
    assert "几点开门" not in caplog.text
    assert "boom" in caplog.text


@pytest.mark.parametrize(("kind", "role"), [(kind, role) for kind in COMMANDS for role in PEOPLE])
async def test_what_a_role_may_do_nowhere_never_reaches_a_handler(house: House, kind: str, role: str) -> None:
    granted = any(PEOPLE[role].role in GRANTS[action] for action in COMMANDS[kind].actions)
    if granted or kind in ("hello", "join", "leave", "fetch"):
        return
    fields: dict[str, Any] = {
        "room": ROOM,
        "post": "p1",
        "ver": 1,
        "body": "b",
        "cid": "c",
        "kind": "question",
        "n": 1,
        "on": True,
        "v": 1,
        "reason": "code",
        "verdict": "publish",
        "set": {"freeze": True},
        "doing": "idle",
        "posts": [{"post": "p1", "ver": 1}],
        "spans": [[0, 1]],
        "appeal": "a1",
        "outcome": "dismissed" if kind == "mod.report" else "upheld",
    }
    client = await house.client().hello(role)
    assert (await client.ask(kind, **fields))["code"] == "forbidden"
    assert (house.posting.asked, house.review.asked, house.store.committed) == ([], [], [])


@pytest.mark.parametrize("kind", ["question", "comment", "reply", "notice", "note"])
async def test_who_may_write_what(house: House, kind: str) -> None:
    house.posting.answers["submit"] = receipt(PostState.PENDING)
    allowed = {"question": {"netizen", "netizen2"}, "comment": {"netizen", "netizen2"}}
    for role in PEOPLE:
        client = await house.client().hello(role)
        answer = await client.ask("post", **{**QUESTION, "kind": kind})
        may = role in allowed.get(kind, {"price1", "price2", "metro1", "host", "host2"})
        assert answer["t"] == ("ok" if may else "err"), (role, kind)


async def test_moderators_pull_and_decide(house: House) -> None:
    client = await house.client().hello("moderator1")
    house.review.answers |= {
        "pull": (waiting("待审"),),
        "extend": 61_000,
        "decide": receipt(PostState.PUBLISHED, seq=7, number=3),
    }
    (pulled,) = (await client.ask("mod.pull", room=ROOM, n=1_000))["posts"]
    assert (pulled["post"], pulled["body"], pulled["by"]["id"]) == ("p1", "待审", "g:1")
    assert (await client.ask("mod.extend", post="p1", ver=1))["lease_until"] == 61_000
    assert (await client.ask("mod.release", post="p1", ver=1))["t"] == "ok"
    decided = await client.ask("mod.decide", post="p1", ver=1, verdict="publish", note="好")
    assert (decided["state"], decided["seq"], decided["number"]) == ("published", 7, 3)
    house.review.answers["reopen"] = (waiting("又待审"),)
    assert (await client.ask("mod.reopen", post="p1", ver=1))["posts"][0]["body"] == "又待审"
    by = PEOPLE["moderator1"]
    assert [asked[:2] for asked in house.review.asked] == [
        ("pull", (by, ROOM, 50, None)),
        ("extend", (by, "p1", 1)),
        ("release", (by, "p1", 1)),
        ("decide", (by, "p1", 1, Ruling.PUBLISH, None, "好")),
        ("reopen", (by, "p1", 1)),
    ]


async def test_hiding_pinning_staging_and_voting(house: House) -> None:
    moderator, netizen = await house.client().hello("moderator1"), await house.client().hello("netizen")
    assert (await moderator.ask("redact", post="p1", reason="privacy"))["seq"] == 8
    assert (await moderator.ask("restore", post="p1", reason="mistake"))["seq"] == 8
    assert (await moderator.ask("pin", post="p1", on=True))["seq"] == 8
    assert (await moderator.ask("stage", post="p1", on=False))["seq"] == 8
    voted = await netizen.ask("vote", post="p1", v=-1)
    assert (voted["up"], voted["down"]) == (3, 1)
    assert (await netizen.ask("vote", post="none", v=1))["code"] == "no_post"
    assert [type(command).__name__ for command in house.store.committed] == [
        "Redact", "Restore", "Pin", "Stage", "Vote",
    ]  # fmt: skip


# --- what concerns one user -------------------------------------------------------------------------------------------


async def test_after_a_command_its_author_is_told_where_it_stands(house: House) -> None:
    phone, laptop = await house.enter("netizen"), await house.enter("netizen", codec="msgpack")
    other, staff = await house.enter("netizen2"), await house.enter("price1")
    house.store.mine["g:1"] = [{"post": "p1", "state": "pending", "body": "几点开门？"}]
    house.posting.answers["submit"] = receipt(PostState.PENDING)
    await phone.ask("post", **QUESTION)
    for mine in (phone, laptop):
        (told,) = mine.of("me")
        assert (told["r"], told["posts"][0]["state"]) == (ROOM, "pending")
        assert told["ver"] > mine.of("joined")[0]["me"]["ver"]
    for stranger in (other, staff):
        assert not stranger.of("me")
        assert "几点开门" not in b"".join(stranger.socket.raw).decode("utf-8", "replace")


async def test_a_verdict_reaches_its_author_through_the_moderators_lane(house: House) -> None:
    client, other = await house.enter("netizen"), await house.enter("netizen2")
    house.store.mine["g:1"] = [{"post": "p1", "state": "rejected", "reason": "off_topic"}]
    house.bus.publish(
        house.store.append("verdict", "p1", Lane.MOD, author="g:1", verdict="reject", by={"name": "m", "id": "m1"})
    )
    await settle()
    assert client.of("me")[0]["posts"][0]["reason"] == "off_topic"
    assert not other.of("me")
    assert b"verdict" not in b"".join(client.socket.raw)


@pytest.mark.parametrize(("code", "told"), [("device_stopped", 1), ("address_stopped", 1), ("muted", 0)])
async def test_who_is_stopped_by_where_they_write_from_is_told_why_then(house: House, code: str, told: int) -> None:
    client = await house.enter("netizen")
    house.posting.answers["submit"] = Refusal(code)
    assert (await client.ask("post", **QUESTION))["code"] == code
    await settle()
    assert len(client.of("me")) == told


STOPPED = {"kind": "mute", "until": 9_000, "reason": "刷屏", "rule": 5, "sanction": "s1"}


@pytest.mark.parametrize(
    ("by", "until", "told"), [({"by": "address"}, 0, 1), ({"by": "address"}, 9_000, 0), ({}, 0, 0)]
)
async def test_who_was_stopped_by_where_they_write_from_is_told_when_that_is_over(
    house: House, by: dict[str, str], until: int, told: int
) -> None:
    house.store.mutes["g:1"] = {**STOPPED, **by}
    client = await house.enter("netizen")
    house.store.mutes.clear()
    over: dict[str, Any] = {
        "author": "g:neighbour",
        "kind": "mute",
        "until": until,
        "via": "address",
        "by": {"name": "m", "id": "m1"},
    }
    for _ in range(2):
        house.bus.publish(house.store.append("sanction", "", Lane.MOD, **over))
        await settle()
    assert [frame["mute"] for frame in client.of("me")] == [None] * told


async def test_of_those_who_are_stopped_so_many_are_remembered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "STOPPED_MAX", 1)
    house.store.mutes = {who: {**STOPPED, "by": "device"} for who in ("g:1", "g:2")}
    first, second = await house.enter("netizen"), await house.enter("netizen2")
    house.bus.publish(house.store.append("sanction", "", Lane.MOD, author="g:9", until=0, by={"name": "m", "id": "m1"}))
    await settle()
    assert (len(first.of("me")), len(second.of("me"))) == (0, 1)


async def test_items_of_other_lanes_refresh_nobody(house: House) -> None:
    await house.enter("netizen")
    before = house.store.reads["my"]
    house.bus.publish(house.store.append("msg", "p", Lane.PUB, author="g:1", body="x"))
    await settle()
    assert house.store.reads["my"] == before


async def test_many_changes_are_read_at_most_twice(house: House) -> None:
    client = await house.enter("netizen")
    before = house.store.reads["my"]
    house.store.delay = asyncio.Event()
    for _ in range(10):
        house.live.own.touch(PEOPLE["netizen"].id, ROOM)  # type: ignore[arg-type]
        await settle()
    house.store.delay.set()
    await settle()
    assert house.store.reads["my"] == before + 2, "the one under way, and one after the last change"
    versions = [frame["ver"] for frame in client.of("me")]
    assert versions == sorted(set(versions))


async def test_a_stuck_socket_gets_its_news_when_it_takes_bytes_again(house: House) -> None:
    client = await house.enter("netizen")
    client.socket.unsent = 10
    house.live.own.touch(PEOPLE["netizen"].id, ROOM)  # type: ignore[arg-type]
    await settle()
    assert not client.of("me")
    client.socket.unsent = 0
    client.peer.resumed()
    await settle()
    assert len(client.of("me")) == 1


async def test_a_vote_is_told_to_the_voters_other_screens_only(house: House) -> None:
    phone = await house.enter("netizen")
    await phone.ask("vote", post="p1", v=1)
    assert not phone.of("me"), "one screen alone has its answer"
    laptop, other = await house.enter("netizen"), await house.enter("netizen2")
    house.store.votes["g:1"] = {"p1": -1}
    await phone.ask("vote", post="p1", v=-1)
    assert laptop.of("me")[-1]["votes"] == {"p1": -1}
    assert not other.of("me")


async def test_who_has_left_the_room_is_told_nothing(house: House) -> None:
    client = await house.enter("netizen")
    await client.ask("leave", room=ROOM)
    before = house.store.reads["my"]
    house.live.own.touch(PEOPLE["netizen"].id, ROOM)  # type: ignore[arg-type]
    await settle()
    assert house.store.reads["my"] == before


def test_every_role_is_tried() -> None:
    assert {actor.role for actor in PEOPLE.values()} >= {Role.NETIZEN, Role.RESPONDENT, Role.HOST, Role.MODERATOR}
