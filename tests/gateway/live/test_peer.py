"""Order, bounds and manners of one socket."""

from __future__ import annotations

import asyncio

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.live.pace import Bucket
from gateway.live.peer import MAX_FAULTS
from kernel.tasks import _running as running_tasks
from kernel.tasks import spawn
from rooms.model import PostState
from tests.gateway.live.house import House, receipt
from tests.rooms.world import ROOM, settle

pytestmark = pytest.mark.anyio


# --- messages that are none -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b"[]", b"null", b"hello", b"[" * 9 + b"]" * 9, b"[NaN]", orjson.dumps([{}] * 17), b'[{"t":"leave"}'],
)
async def test_a_message_that_is_none_is_answered_without_an_id(house: House, payload: bytes) -> None:
    client = await house.client().hello()
    client.send_raw(payload)
    await settle()
    answer = client.frames[-1]
    assert (answer["t"], answer["id"], answer["code"]) == ("err", None, "bad_frame")
    assert (await client.join())["t"] == "joined"


async def test_the_wrong_kind_of_message_is_answered_without_an_id(house: House) -> None:
    for codec in ("json", "msgpack"):
        client = await house.client(codec).hello()
        client.send_raw(b"[]", binary=codec == "json")
        await settle()
        answer = client.frames[-1]
        assert (answer["t"], answer["id"], answer["code"]) == ("err", None, "bad_frame")


async def test_rubbish_without_end_closes(house: House) -> None:
    client = await house.client().hello()
    for _ in range(MAX_FAULTS + 1):
        client.send_raw(b"\x00")
    assert client.socket.closed == (4400, "bad_frame")
    assert len(client.of("err")) == MAX_FAULTS


async def test_one_bad_frame_does_not_stop_its_neighbours(house: House) -> None:
    client = await house.client().hello()
    client.send(
        {"t": "leave", "id": 1, "room": ROOM},
        7,
        {"t": "dance", "id": 2},
        {"t": "join", "id": 3, "room": 7},
        {"t": "leave", "id": 4, "room": ROOM},
    )
    await settle()
    answers = [(frame["id"], frame.get("code")) for frame in client.frames[1:]]
    assert answers == [(1, None), (None, "bad_frame"), (2, "unknown_command"), (3, "bad_frame"), (4, None)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=8), st.sampled_from(["json", "msgpack"]))
def test_no_bytes_do_more_than_close_their_own_socket(messages: list[bytes], codec: str) -> None:
    async def run() -> None:
        house = House()
        bystander = await house.enter()
        client = house.client(codec)
        for message in messages:
            client.send_raw(message)
            await settle(3)
        house.publish("p1", "x")
        assert bystander.of("ev")

    asyncio.run(run())


# --- order and tasks --------------------------------------------------------------------------------------------------


async def test_commands_are_done_in_order_one_at_a_time(house: House) -> None:
    client = await house.client().hello("netizen")
    house.posting.answers["submit"] = receipt(PostState.PENDING)
    house.posting.hold["submit"] = asyncio.Event()
    client.send({"t": "post", "id": 11, "room": ROOM, "cid": "c", "kind": "question", "body": "b"})
    client.send({"t": "leave", "id": 12, "room": ROOM})
    await settle()
    assert len(client.frames) == 1
    house.posting.hold["submit"].set()
    await settle()
    assert [frame["id"] for frame in client.frames[1:]] == [11, 12]


async def test_one_slow_command_holds_up_nobody_else(house: House) -> None:
    slow, quick = await house.client().hello("netizen"), await house.client().hello("netizen2")
    house.posting.hold["submit"] = asyncio.Event()
    slow.send({"t": "post", "id": 11, "room": ROOM, "cid": "c", "kind": "question", "body": "b"})
    assert (await quick.join())["t"] == "joined"
    house.posting.hold["submit"].set()


async def test_who_only_listens_has_no_task(house: House) -> None:
    before = len(running_tasks)
    clients = [await house.enter() for _ in range(20)]
    await settle()
    house.publish("p1", "x")
    assert len(running_tasks) == before
    assert not any(client.peer.busy for client in clients)


async def test_a_socket_that_goes_in_the_middle_is_no_error(house: House, caplog: pytest.LogCaptureFixture) -> None:
    client = await house.client().hello("netizen")
    house.posting.answers["submit"] = receipt(PostState.PENDING)
    house.posting.hold["submit"] = asyncio.Event()
    for n in range(3):
        client.send({"t": "post", "id": n, "room": ROOM, "cid": f"c{n}", "kind": "question", "body": "b"})
    await settle()
    client.hang_up()
    house.posting.hold["submit"].set()
    await settle()
    assert len(house.posting.asked) == 1, "what was begun is finished, what waited is not begun"
    assert not client.peer.busy
    assert caplog.records == []


async def test_nothing_is_done_for_a_socket_that_takes_no_answers(house: House) -> None:
    client = await house.client().hello("netizen")
    client.socket.unsent = 100_000
    client.send({"t": "leave", "id": 11, "room": ROOM})
    await settle()
    assert len(client.frames) == 1
    client.socket.unsent = 0
    client.peer.resumed()
    await settle()
    assert client.frames[-1]["id"] == 11


# --- pace -------------------------------------------------------------------------------------------------------------


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(10.0, 20, now=0.0)
    assert [bucket.take(0.0) for _ in range(21)] == [0] * 20 + [100]
    assert bucket.take(0.1) == 0
    assert bucket.take(0.1) == 100
    assert [bucket.take(100.0) for _ in range(21)].count(0) == 20


async def test_a_netizen_has_a_burst_of_twenty_and_then_ten_a_second(house: House) -> None:
    client = await house.client().hello("netizen")
    for n in range(100, 130):
        client.send({"t": "leave", "id": n, "room": ROOM})
    await settle(80)
    answers = {frame["id"]: frame for frame in client.frames[1:]}
    refused = [n for n, frame in answers.items() if frame["t"] == "err"]
    assert refused == list(range(120, 130)), "all that the welcome promised, without the hello"
    assert (answers[125]["code"], answers[125]["temporary"]) == ("rate", True)
    assert 0 < answers[125]["retry_ms"] <= 100
    house.scheduler.advance(0.5)
    assert [(await client.ask("leave", room=ROOM))["t"] for _ in range(6)] == ["ok"] * 5 + ["err"]


async def test_staff_have_two_hundred(house: House) -> None:
    client = await house.client().hello("price1")
    for n in range(150):
        client.send({"t": "leave", "id": n, "room": ROOM})
        await settle(2)
    await settle(400)
    assert {frame["t"] for frame in client.frames[1:]} == {"ok"}


async def test_a_flood_is_cut_off(house: House) -> None:
    client = await house.client().hello("netizen")
    for n in range(300):
        client.send({"t": "leave", "id": n, "room": ROOM})
    assert client.socket.closed == (4429, "rate")
    assert client.of("bye")[0]["next"] == "never"


async def test_waiting_commands_are_bounded(house: House) -> None:
    client = await house.client().hello("netizen")
    house.posting.hold["submit"] = asyncio.Event()
    for n in range(200):
        client.send({"t": "post", "id": n, "room": ROOM, "cid": f"c{n}", "kind": "question", "body": "b"})
        house.scheduler.advance(0.2)
        await settle(2)
        if client.socket.closed:
            break
    assert len(client.peer._inbox or ()) <= 20
    house.posting.hold["submit"].set()


# --- going away -------------------------------------------------------------------------------------------------------


async def test_drain_is_spread_and_tells_everybody_to_come_back(house: House) -> None:
    clients = [await house.enter() for _ in range(40)]
    draining = spawn(house.live.drain(5.0), name="drain")
    gone = []
    for _ in range(10):
        await settle(5)
        house.scheduler.advance(0.5)
        await settle(5)
        gone.append(sum(client.socket.closed is not None for client in clients))
    await draining
    assert gone[0] < 20 < gone[-2]
    assert gone == sorted(gone)
    assert {client.socket.closed for client in clients} == {(4000, "drain")}
    byes = [client.of("bye")[0] for client in clients]
    assert {(bye["code"], bye["next"]) for bye in byes} == {(4000, "resume")}
    assert all(bye["after_ms"] > 0 and bye["jitter_ms"] > 0 for bye in byes)


async def test_a_command_under_way_is_answered_before_the_bye(house: House) -> None:
    client = await house.client().hello("netizen")
    house.posting.answers["submit"] = receipt(PostState.PENDING)
    house.posting.hold["submit"] = asyncio.Event()
    client.send({"t": "post", "id": 11, "room": ROOM, "cid": "c", "kind": "question", "body": "b"})
    draining = spawn(house.live.drain(5.0), name="drain")
    await settle()
    house.scheduler.advance(1)
    await settle()
    assert client.socket.closed is None
    house.posting.hold["submit"].set()
    await settle()
    assert [frame["t"] for frame in client.frames[1:]] == ["ok", "bye"]
    house.scheduler.advance(1)
    await draining


async def test_drain_waits_for_nobody_beyond_its_time(house: House) -> None:
    client = await house.client().hello("netizen")
    house.posting.hold["submit"] = asyncio.Event()
    client.send({"t": "post", "id": 11, "room": ROOM, "cid": "c", "kind": "question", "body": "b"})
    draining = spawn(house.live.drain(1.0), name="drain")
    for _ in range(30):
        await settle(3)
        house.scheduler.advance(0.05)
    await settle()
    assert draining.done()
    assert client.socket.closed == (4000, "drain")
    house.posting.hold["submit"].set()


@pytest.mark.parametrize(("code", "after"), [(4002, "resume"), (4100, "fresh"), (4101, "fresh"), (4429, "never")])
async def test_the_range_of_the_code_says_what_next(house: House, code: int, after: str) -> None:
    client = await house.client().hello()
    client.peer.session.bye(code, "why")
    client.peer.session.bye(4000, "a second goodbye")
    assert [(bye["code"], bye["next"]) for bye in client.of("bye")] == [(code, after)]
