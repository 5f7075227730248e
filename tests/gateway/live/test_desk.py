"""Presence and drafts: who is told what, how often, and that not a byte of it reaches anybody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rooms.model import Lane
from rooms.ports import Hint
from tests.gateway.live.house import PEOPLE, Client, House
from tests.rooms.world import ROOM, settle

pytestmark = pytest.mark.anyio
SECRET = "尚未发表的草稿"


@pytest.fixture
def shared(house: House) -> House:
    """The metro company answers in the room too."""
    (price,) = house.store.room_row.departments
    metro = type(price)(PEOPLE["metro1"].department, "市地铁公司", "Metro", "铁", 2, False)  # type: ignore[arg-type]
    house.store.room_row = replace(house.store.room_row, departments=(price, metro))
    return house


def raw(*clients: Client) -> str:
    return b"".join(payload for client in clients for payload in client.socket.raw).decode("utf-8", "replace")


async def write(client: Client, body: str = SECRET, post: str = "p1", ver: int = 1) -> None:
    answer = await client.ask("draft", room=ROOM, post=post, body=body, ver=ver)
    assert answer["t"] == "ok", answer


async def test_a_draft_reaches_the_own_department_and_nobody_else(shared: House) -> None:
    author, colleague = await shared.enter("price1", "pub", "desk"), await shared.enter("price2", "desk", "pub")
    packed = await shared.enter("price2", "desk", codec="msgpack")
    others = [
        await shared.enter(None),
        await shared.enter("netizen"),
        await shared.enter("price2", "pub"),
        await shared.enter("metro1", "pub", "desk"),
        await shared.enter("host", "pub", "desk"),
        await shared.enter("inspector1", "pub", "desk"),
        await shared.enter("moderator1", "pub", "mod"),
    ]
    await write(author)
    await shared.pass_time(2)
    for reader in (colleague, packed):
        (told,) = reader.of("draft")
        at = shared.clock.now_ms() - 2_000
        assert told == {
            "t": "draft", "r": ROOM, "post": "p1", "by": {"name": "price1", "dept": "price"},
            "conn": author.peer.session.conn, "body": SECRET, "ver": 1, "at": at,
        }  # fmt: skip
    assert not author.of("draft"), "its author has it already"
    assert SECRET not in raw(*others)
    assert not any(other.of("draft") for other in others)


async def test_hosts_are_one_team_and_an_inspector_is_in_none(shared: House) -> None:
    author, colleague = await shared.enter("host", "desk"), await shared.enter("host2", "desk")
    inspector, price = await shared.enter("inspector1", "desk"), await shared.enter("price1", "desk")
    await write(author)
    await shared.pass_time(1)
    assert colleague.of("draft")[0]["by"] == {"name": "host"}
    assert SECRET not in raw(inspector, price)
    late = await shared.enter("inspector1", "desk", "pub")
    assert SECRET not in raw(late)


async def test_many_drafts_in_a_moment_are_one_and_too_many_are_refused(shared: House) -> None:
    author, colleague = await shared.enter("price1", "desk"), await shared.enter("price2", "desk")
    answers = [await author.ask("draft", room=ROOM, post="p1", body=f"稿 {ver}", ver=ver) for ver in range(1, 13)]
    assert [answer["t"] for answer in answers] == ["ok"] * 10 + ["err"] * 2
    assert (answers[-1]["code"], answers[-1]["retry_ms"]) == ("rate", 200)
    await shared.pass_time(0.5)
    assert [told["body"] for told in colleague.of("draft")] == ["稿 10"]


async def test_a_colleague_who_comes_later_can_take_over(shared: House) -> None:
    author = await shared.enter("price1", "desk")
    await write(author)
    await shared.pass_time(1)
    colleague = await shared.enter("price2", "desk", "pub")
    assert [told["body"] for told in colleague.of("draft")] == [SECRET]
    await write(colleague, "接着写")
    await shared.pass_time(1)
    assert [told["body"] for told in author.of("draft")] == ["接着写"]


async def test_the_draft_ends_with_its_publication(shared: House) -> None:
    author, colleague = await shared.enter("price1", "desk", "pub"), await shared.enter("price2", "desk", "pub")
    await write(author)
    await shared.pass_time(1)
    by = {"name": "price1", "role": "respondent", "dept": "price"}
    shared.publish("p2", "三元", kind="reply", reply_to="p1", by=by)
    await shared.pass_time(1)
    assert [told["body"] for told in colleague.of("draft")] == [SECRET, ""]
    late = await shared.enter("price2", "desk")
    assert not late.of("draft")


async def test_the_draft_ends_when_the_room_closes_or_its_team_is_gone(shared: House) -> None:
    author, colleague = await shared.enter("price1", "desk", "pub"), await shared.enter("price2", "desk")
    await write(author)
    await shared.pass_time(1)
    shared.bus.publish(shared.store.append("state", ROOM, state="closed"))
    await shared.pass_time(1)
    assert [told["body"] for told in colleague.of("draft")] == [SECRET, ""]

    await write(author, ver=2)
    author.hang_up()
    colleague.hang_up()
    await shared.pass_time(1)
    assert not (await shared.enter("price2", "desk")).of("draft")


async def test_rejoining_keeps_what_one_was_doing(shared: House) -> None:
    author, host = await shared.enter("price1", "desk"), await shared.enter("host", "desk")
    await write(author)
    await shared.pass_time(1)
    await author.join("desk", "pub")
    await shared.pass_time(1)
    assert [[one["name"] for one in told["x"]] for told in host.of("presence")] == [["price1"]]
    assert (await shared.enter("price2", "desk")).of("draft")


async def test_the_desk_sees_names_and_the_public_sees_departments(shared: House) -> None:
    author, host = await shared.enter("price1", "pub", "desk"), await shared.enter("host", "pub", "desk")
    citizen, moderator = await shared.enter("netizen"), await shared.enter("moderator1", "pub", "mod")
    since = shared.clock.now_ms()
    answer = await author.ask("presence", room=ROOM, post="p1", doing="writing")
    assert answer["t"] == "ok"
    await shared.pass_time(1.5)
    (told,) = host.of("presence")
    assert (told["l"], told["x"]) == (
        "desk",
        [
            {
                "conn": author.peer.session.conn, "name": "price1", "dept": "price", "post": "p1",
                "doing": "writing", "since": since,
            }
        ],
    )  # fmt: skip
    for outsider in (citizen, moderator, await shared.enter(None)):
        (seen,) = outsider.of("presence")
        assert seen == {"t": "presence", "r": ROOM, "l": "pub", "x": [{"dept": "price", "post": "p0", "since": since}]}
        assert "price1" not in raw(outsider)
    author.hang_up()
    await shared.pass_time(1.5)
    assert (host.of("presence")[-1]["x"], citizen.of("presence")[-1]["x"]) == ([], [])


async def test_reading_is_nobodys_business_outside(shared: House) -> None:
    author, citizen = await shared.enter("price1", "desk"), await shared.enter("netizen")
    for doing in ("reading", "idle"):
        await author.ask("presence", room=ROOM, post="p1", doing=doing)
        await shared.pass_time(2)
    assert not citizen.of("presence")


async def test_the_public_is_told_at_most_once_a_second(shared: House) -> None:
    author, citizen = await shared.enter("price1", "desk"), await shared.enter("netizen")
    for n in range(8):
        await author.ask("presence", room=ROOM, post="p1", doing=("writing", "reading")[n % 2])
        await shared.pass_time(0.5)
    assert 1 <= len(citizen.of("presence")) <= 4


async def test_a_stuck_socket_is_told_how_things_stand_when_it_is_free(shared: House) -> None:
    author, colleague = await shared.enter("price1", "desk"), await shared.enter("price2", "desk")
    colleague.socket.unsent = 10
    await write(author, "旧稿")
    await shared.pass_time(1)
    await write(author, SECRET, ver=2)
    await shared.pass_time(1)
    assert not colleague.of("draft")
    colleague.socket.unsent = 0
    colleague.peer.resumed()
    assert [told["body"] for told in colleague.of("draft")] == [SECRET]
    assert colleague.of("presence")


@pytest.mark.parametrize("post", ["unknown", "n1"])
async def test_only_public_posts_of_the_room_can_be_written_on(shared: House, post: str) -> None:
    author, citizen = await shared.enter("price1", "desk"), await shared.enter("netizen")
    refused = await author.ask("presence", room=ROOM, post=post, doing="writing")
    assert refused["code"] == "no_post"
    assert (await author.ask("draft", room=ROOM, post=post, body="稿", ver=1))["code"] == "no_post"
    await shared.pass_time(2)
    assert not citizen.of("presence")


@pytest.mark.parametrize("kind", ["presence", "draft"])
async def test_only_who_follows_the_desk_speaks_there(shared: House, kind: str) -> None:
    fields = {"room": ROOM, "post": "p1", **({"doing": "writing"} if kind == "presence" else {"body": "稿", "ver": 1})}
    outside = await shared.client().hello("price1")
    assert (await outside.ask(kind, **fields))["code"] == "forbidden"
    public = await shared.enter("price1", "pub")
    assert (await public.ask(kind, **fields))["code"] == "forbidden"
    left = await shared.enter("price1", "desk")
    await left.ask("leave", room=ROOM)
    assert (await left.ask(kind, **fields))["code"] == "forbidden"
    for role in ("netizen", "moderator1", "inspector1"):
        client = await shared.enter(role, *(["pub", "desk"] if role == "inspector1" else ["pub"]))
        assert (await client.ask(kind, **fields))["code"] == "forbidden"
    visitor = await shared.enter(None)
    assert (await visitor.ask(kind, **fields))["code"] == "unauthenticated"


async def test_a_draft_is_as_long_as_an_answer(shared: House) -> None:
    author = await shared.enter("price1", "desk")
    assert (await author.ask("draft", room=ROOM, post="p1", body="长" * 10_001, ver=1))["code"] == "too_large"
    await write(author, "长" * 10_000)
    await write(author, "  \n ", ver=2)
    await shared.pass_time(1)
    assert not (await shared.enter("price2", "desk")).of("draft"), "blank is no draft"


async def test_what_moderators_hold_is_told_on_their_lane_only(shared: House) -> None:
    moderator = await shared.enter("moderator1", "mod")
    others = [
        await shared.enter("netizen"),
        await shared.enter("host", "pub", "desk"),
        await shared.enter("price1", "desk"),
    ]
    until = shared.clock.now_ms() + 30_000

    def claim(post: str, end: int) -> None:
        held = {"post": post, "by": {"name": "周敏", "id": "moderator2"}, "until": end}
        shared.bus.publish(Hint(ROOM, Lane.MOD, "", 0, 0, [], aside={"k": "claims", "x": [held]}))

    claim("w1", until)
    claim("w2", until)
    claim("w2", 0)
    await shared.pass_time(0.5)
    (told,) = moderator.of("claims")
    assert [(one["post"], one["by"]["name"], one["until"]) for one in told["x"]] == [
        ("w1", "周敏", until),
        ("w2", "周敏", 0),
    ]
    late = await shared.enter("moderator1", "mod", "pub")
    assert [one["post"] for frame in late.of("claims") for one in frame["x"]] == ["w1"]
    await shared.pass_time(31)
    assert not (await shared.enter("moderator1", "mod")).of("claims"), "run out"
    assert "周敏" not in raw(*others)
    assert "moderator2" not in raw(*others)
    await settle()
