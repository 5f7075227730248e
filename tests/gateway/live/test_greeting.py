"""Who may speak, from the first frame on, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from accounts.handlers import Verified
from kernel.ids import RoomId, SourceKey, UserId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from tests.gateway.live.house import Client, House
from tests.rooms.world import ROOM, settle

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("codec", ["json", "msgpack"])
async def test_a_guest_is_welcomed_with_its_limits(house: House, codec: str) -> None:
    client = await house.client(codec).hello("netizen")
    (welcome,) = client.of("welcome")
    assert welcome["user"] == {"id": "g:1", "name": "小满", "role": "netizen", "department": None}
    assert welcome["hb_ms"] == 15_000
    assert welcome["limits"] == {
        "message": 16 * 1024,
        "frames": 16,
        "depth": 8,
        "body": 2_000,
        "rooms": 8,
        "commands": {"per_s": 10.0, "burst": 20},
    }
    assert welcome["now"] == house.clock.now_ms()
    assert client.socket.limits == [16 * 1024]


async def test_a_guest_writes_from_where_the_socket_comes_from_and_staff_from_nowhere(house: House) -> None:
    for token, address, sources in (
        ("netizen", "203.0.113.7", ("a:203.0.113.7",)),
        ("netizen2", "2001:db8::1:2:3:4", ("a:2001:db8::/64",)),
        ("netizen", "unknown", ()),
        ("price1", "203.0.113.7", ()),
    ):
        client = house.client()
        client.socket.address = address
        await client.hello(token)
        assert client.peer.session.actor.sources == sources, address


async def test_two_windows_at_two_addresses_are_each_told_of_their_own(house: House) -> None:
    """What stops somebody at one address is no news where they write from another."""
    told = house.store.my

    async def my(room: RoomId, user: UserId, limit: int, sources: Sequence[SourceKey] = ()) -> dict[str, Any]:
        return {**await told(room, user, limit, sources), "wait_p50_s": {"a:203.0.113.7": 7}.get("".join(sources))}

    house.store.my = my  # type: ignore[method-assign]  # tells from where it was asked
    here, there = house.client(), house.client()
    here.socket.address, there.socket.address = "203.0.113.7", "203.0.113.8"
    for client in (here, there):
        await client.hello("netizen")
        await client.join()
    house.live.own.touch(UserId("g:1"), ROOM)
    await settle()
    assert [one.of("me")[-1]["wait_p50_s"] for one in (here, there)] == [7, None]


async def test_staff_may_say_more(house: House) -> None:
    client = await house.client().hello("price1")
    (welcome,) = client.of("welcome")
    assert welcome["user"]["department"] == "price"
    assert (welcome["limits"]["message"], welcome["limits"]["body"]) == (64 * 1024, 10_000)
    assert client.socket.limits == [64 * 1024]


async def test_without_a_proof_one_only_watches(house: House) -> None:
    client = await house.enter()
    assert client.of("welcome")[0]["user"] is None
    assert client.of("snap")
    answer = await client.ask("post", room="room1", cid="c", kind="question", body="b")
    assert (answer["t"], answer["code"]) == ("err", "unauthenticated")
    assert house.posting.asked == []


async def test_whom_the_city_vouches_for_is_told_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    vouched = Actor(UserId("v:1"), "王先生", Role.NETIZEN, verified=True)

    async def known(token: str) -> Verified:
        return Verified(vouched, house.clock.now_ms() + 60_000, None)

    assert "verified" not in (await house.client().ask("hello", ticket="ticket"))["user"]
    monkeypatch.setattr(house.accounts, "verify", known)
    assert (await house.client().ask("hello", token="v1.x.y"))["user"]["verified"] is True


async def test_a_ticket_is_good_once(house: House) -> None:
    first, second = house.client(), house.client()
    assert (await first.ask("hello", ticket="ticket"))["user"]["name"] == "price1"
    assert (await second.ask("hello", ticket="ticket"))["code"] == "unauthenticated"


@pytest.mark.parametrize(
    ("token", "code"), [("forged", "unauthenticated"), ("expired", "expired"), ("", "unauthenticated")]
)
async def test_a_bad_token_is_refused_and_nothing_else_opens(house: House, token: str, code: str) -> None:
    client = house.client()
    assert (await client.ask("hello", token=token))["code"] == code
    assert (await client.join())["code"] == "unauthenticated"
    assert not client.of("welcome")


async def test_before_hello_nothing_but_hello(house: House) -> None:
    client = house.client()
    for kind, fields in (("join", {"room": "room1"}), ("vote", {"post": "p", "v": 1}), ("leave", {"room": "room1"})):
        assert (await client.ask(kind, **fields))["code"] == "unauthenticated"
    assert (await client.ask("dance"))["code"] == "unknown_command"
    assert house.store.reads.total() == 0


async def test_hello_and_join_may_come_in_one_breath(house: House) -> None:
    client = house.client()
    client.send({"t": "hello", "id": 1, "token": "price1"}, {"t": "join", "id": 2, "room": "room1", "lanes": ["desk"]})
    await settle()
    assert [frame["t"] for frame in client.frames] == ["welcome", "joined", "snap"]


async def test_a_second_hello_changes_nobody(house: House) -> None:
    client = await house.client().hello("netizen")
    assert (await client.ask("hello", token="moderator1"))["code"] == "bad_frame"
    assert (await client.ask("mod.pull", n=1))["code"] == "forbidden"


async def test_who_says_nothing_is_sent_away(house: House) -> None:
    silent, refused, quick = house.client(), house.client(), house.client()
    await refused.ask("hello", token="forged")
    await quick.hello()
    await house.pass_time(4.5)
    assert silent.socket.closed != (4408, "hello")
    await house.pass_time(1)
    assert silent.socket.closed == refused.socket.closed == (4408, "hello")
    assert silent.of("bye")[0]["next"] == "never"
    assert quick.socket.closed is None


async def test_a_hello_that_met_an_absent_store_may_come_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(token: str) -> None:
        raise Refusal("unavailable")

    monkeypatch.setattr(house.accounts, "verify", away)
    client = house.client()
    assert (await client.ask("hello", token="price1"))["code"] == "unavailable"
    await house.pass_time(5.5)
    assert client.socket.closed == (4003, "unavailable")
    assert client.of("bye")[0]["next"] == "resume"


async def test_a_hello_that_is_still_looked_up_is_no_silence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, verify = asyncio.Event(), house.accounts.verify

    async def slow(token: str) -> Verified:
        await answer.wait()
        return await verify(token)

    monkeypatch.setattr(house.accounts, "verify", slow)
    client, vanished = house.client(), house.client()
    for one in (client, vanished):
        one.send({"t": "hello", "id": 1, "token": "price1"})
    await house.pass_time(7)
    vanished.hang_up()
    assert client.socket.closed is None
    answer.set()
    await house.pass_time(4)
    assert client.of("welcome")
    assert client.socket.closed is None
    assert not house.live._silent


async def test_an_expired_token_ends_the_socket(house: House) -> None:
    client = await house.enter("price1")
    house.clock.advance(3_600_000)
    await house.pass_time(3)
    assert client.socket.closed == (4101, "expired")
    assert client.of("bye")[0]["next"] == "fresh"


async def test_a_revoked_sign_in_reaches_its_sockets_within_five_seconds(house: House) -> None:
    price, other, guest = await house.enter("price1"), await house.enter("host"), await house.enter("netizen")
    house.store.ended.add("hash-price1")
    await house.pass_time(4.5)
    assert price.socket.closed == (4401, "revoked")
    assert other.socket.closed is None
    assert guest.socket.closed is None


async def test_a_changed_role_ends_the_socket_so_that_it_comes_back_as_what_it_is(house: House) -> None:
    client = await house.enter("host")
    house.store.roles["host"] = Role.RESPONDENT
    await house.pass_time(3)
    assert client.socket.closed == (4101, "changed")


async def test_while_the_store_is_away_nobody_is_sent_away(house: House) -> None:
    client = await house.enter("price1")
    house.store.away = True
    await house.pass_time(10)
    assert client.socket.closed is None


async def test_one_question_a_sign_in_however_many_sockets(house: House) -> None:
    for _ in range(5):
        await house.enter("price1")
    before = house.store.reads["session"]
    await house.live.check_staff()
    assert house.store.reads["session"] == before + 1


async def test_errors_are_told_in_the_language_asked_for(house: House) -> None:
    client = await house.client().hello(lang="en-GB")
    assert (await client.join(room="nowhere"))["msg"] == "en:no_room"
    silent = house.client()
    assert (await silent.join())["msg"] == "zh-CN:unauthenticated"


def _gone(client: Client) -> bool:
    return client.peer not in client.live._sockets


async def test_a_socket_gone_leaves_nothing_behind(house: House) -> None:
    client = await house.enter("netizen")
    client.hang_up()
    assert _gone(client)
    assert house.live._by_user == {}
    assert house.live.hub.viewers("room1") == 0  # type: ignore[arg-type]


async def test_a_socket_gone_while_its_token_is_looked_up_is_not_remembered(house: House) -> None:
    client = house.client()
    client.send({"t": "hello", "id": 1, "token": "netizen"})
    client.hang_up()
    await settle()
    assert house.live._by_user == {}


@pytest.mark.parametrize("lang", ["../../etc/passwd", "", "xx", "zh_CN\x00"])
async def test_a_language_that_is_none_is_the_default(house: House, lang: str) -> None:
    client = await house.client().hello(lang=lang)
    assert (await client.join(room="nowhere"))["msg"] == "zh-CN:no_room"
