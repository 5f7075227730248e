"""Joining, lanes and their access lists, positions, fetching, leaving, setting."""

from __future__ import annotations

import pytest

from kernel.permissions import require
from rooms.handlers import Rooms
from tests.gateway.live.house import House
from tests.rooms.world import ROOM, settle

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("codec", ["json", "msgpack"])
async def test_joining_tells_where_the_lanes_stand(house: House, codec: str) -> None:
    house.publish("p1", "第一问")
    client = await house.client(codec).hello("netizen")
    joined = await client.join()
    assert joined["lanes"] == {"pub": {"ep": "ep1", "head": 1, "mode": "snapshot"}}
    assert "post.question" in joined["perms"]
    assert "lane.mod" not in joined["perms"]
    assert (joined["room"], joined["me"]["posts"], joined["me"]["mute"]) == (ROOM, [], None)
    house.publish("p2", "第二问")
    assert [frame["t"] for frame in client.frames] == ["welcome", "joined", "snap", "ev"]
    assert client.of("ev")[0]["x"][0]["body"] == "第二问"


LANES = {
    None: {"pub": None, "desk": "unauthenticated", "mod": "unauthenticated"},
    "netizen": {"pub": None, "desk": "forbidden", "mod": "forbidden"},
    "price1": {"pub": None, "desk": None, "mod": "forbidden"},
    "metro1": {"pub": None, "desk": "forbidden", "mod": "forbidden"},  # answers in other rooms
    "host": {"pub": None, "desk": None, "mod": "forbidden"},
    "inspector1": {"pub": None, "desk": None, "mod": "forbidden"},
    "moderator1": {"pub": None, "desk": "forbidden", "mod": None},
}


@pytest.mark.parametrize(("token", "lane"), [(token, lane) for token in LANES for lane in LANES[token]])
async def test_every_lane_asks_who_you_are(house: House, token: str | None, lane: str) -> None:
    code = LANES[token][lane]
    client = await house.client().hello(token)
    house.store.message("secret", "for this lane only", lane=lane)
    joined = await client.join("pub", lane)
    fetched = await client.ask("fetch", room=ROOM, lane=lane, **{"from": 1, "to": 1})
    assert (joined.get("code"), fetched.get("code")) == (code, code)
    seen = b"for this lane only" in b"".join(client.socket.raw)
    assert seen is (code is None)


async def test_negative_control_without_the_check_a_netizen_sees_it_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rooms, "lanes", lambda self, actor, room: dict.fromkeys(("pub", "desk", "mod"), True))
    monkeypatch.setattr(Rooms, "require_lane", lambda *arguments: require)
    house.store.message("secret", "for moderators only", lane="mod")
    client = await house.client().hello("netizen")
    await client.join("mod")
    assert b"for moderators only" in b"".join(client.socket.raw)


async def test_a_refused_join_leaves_the_former_one_standing(house: House) -> None:
    client = await house.enter("netizen")
    assert (await client.join("pub", "mod"))["code"] == "forbidden"
    house.publish("p1", "x")
    assert client.of("ev")


async def test_a_seat_just_given_opens_the_desk_at_once(house: House) -> None:
    """The room is remembered for those who join; a refusal is never given from memory."""
    await house.enter()
    client = await house.client().hello("metro1")
    assert (await client.join("desk"))["code"] == "forbidden"
    row = house.store.room_row
    metro = type(row.departments[0])("metro", "市地铁公司", "Metro", "铁", 3, False)  # type: ignore[arg-type]
    house.store.room_row = type(row)(
        **{**{name: getattr(row, name) for name in row.__slots__}, "departments": (*row.departments, metro)}
    )
    assert (await client.join("desk"))["t"] == "joined"


async def test_a_storm_of_newcomers_reads_room_and_snapshot_once(house: House) -> None:
    clients = [await house.client().hello() for _ in range(30)]
    for client in clients:
        client.send({"t": "join", "id": 1, "room": ROOM})
    await settle(60)
    assert all(client.of("snap") for client in clients)
    assert (house.store.reads["room"], house.store.reads["snapshot"], house.store.reads["my"]) == (1, 1, 0)


async def test_the_ninth_room_is_too_many(house: House) -> None:
    client = await house.client().hello()
    for n in range(9):
        house.store.open_room(f"r{n}")  # type: ignore[arg-type]
    answers = [await client.join(room=f"r{n}") for n in range(9)]
    assert [answer.get("code") for answer in answers] == [None] * 8 + ["too_many_rooms"]
    assert (await client.join(room="r0"))["t"] == "joined"  # again is not one more
    await client.ask("leave", room="r0")
    assert (await client.join(room="r8"))["t"] == "joined"


async def test_resume_with_a_position(house: House) -> None:
    for n in range(5):
        house.publish(f"p{n}", f"第{n}问")
    client = await house.client("msgpack").hello()
    joined = await client.join(pos={"pub": {"ep": "ep1", "seq": 2}})
    await settle()
    assert joined["lanes"]["pub"] == {"ep": "ep1", "head": 5, "mode": "replay"}
    assert [item["s"] for frame in client.of("ev") for item in frame["x"]] == [3, 4, 5]
    assert not client.of("snap")


async def test_a_position_of_another_epoch(house: House) -> None:
    client = await house.client().hello()
    joined = await client.join(pos={"pub": {"ep": "other", "seq": 2}})
    assert joined["lanes"]["pub"]["mode"] == "snapshot"
    assert [frame["t"] for frame in client.frames] == ["welcome", "joined", "reset", "snap"]


async def test_an_unknown_room(house: House) -> None:
    client = await house.client().hello()
    for kind, fields in (
        ("join", {}),
        ("fetch", {"lane": "pub", "from": 1, "to": 2}),
    ):
        assert (await client.ask(kind, room="nowhere", **fields))["code"] == "no_room"


async def test_a_node_cut_off_from_the_store_gives_newcomers_nothing(house: House) -> None:
    await house.enter()
    house.store.away = True
    await house.pass_time(6)
    client = await house.client().hello()
    answer = await client.join()
    assert (answer["code"], answer["temporary"]) == ("unavailable", True)
    assert not client.of("snap")
    house.store.away = False
    await house.pass_time(0.5)
    assert (await client.join())["t"] == "joined"


async def test_fetch_gives_a_stretch_as_the_store_has_it(house: House) -> None:
    for n in range(5):
        house.publish(f"p{n}", f"text {n}")
    house.bus.publish(house.store.append("redact", "p1", reason="privacy"))
    client = await house.enter()
    client.forget()
    answer = await client.ask("fetch", room=ROOM, lane="pub", **{"from": 2, "to": 3})
    assert [item["s"] for item in answer["x"]] == [2, 3]
    assert answer["x"][0]["redacted"] is True
    assert (await client.ask("fetch", room=ROOM, lane="pub", **{"from": 50, "to": 60}))["x"] == []


async def test_leaving(house: House) -> None:
    client = await house.enter()
    assert (await client.ask("leave", room=ROOM))["t"] == "ok"
    assert (await client.ask("leave", room=ROOM))["t"] == "ok"
    house.publish("p1", "x")
    assert not client.of("ev")


async def test_setting_a_room(house: House) -> None:
    host, netizen = await house.client().hello("host"), await house.client().hello("netizen")
    assert (await host.ask("room.set", room=ROOM, set={"freeze": True}))["seq"] == 9
    assert (await netizen.ask("room.set", room=ROOM, set={"freeze": True}))["code"] == "forbidden"
    assert (await host.ask("room.set", room=ROOM, set={}))["code"] == "bad_frame"
    assert len(house.store.committed) == 1


async def test_an_inspector_is_not_counted(house: House) -> None:
    await house.enter("inspector1", "pub", "desk")
    assert house.live.hub.viewers(ROOM) == 0
    await house.enter()
    assert house.live.hub.viewers(ROOM) == 1
