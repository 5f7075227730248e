"""Lanes: snapshots, numbers without holes, resuming, and who may read what."""

from __future__ import annotations

from wenzheng.conformance.stage import Stage
from wenzheng.conformance.verdict import Frame, equal, fields, require

RESUMES = 12  # positions; a netizen has twenty commands at once


async def snapshot(stage: Stage) -> None:
    """`joined`, then `snap`: the lane as it stands at `head`."""
    said = await stage.notice()
    async with stage.open() as wire:
        joined = await wire.join(stage.room)
        fields(joined, perms=(list, dict), lanes=dict, me=(dict, type(None)))
        told = joined["lanes"]["pub"]
        equal(told["mode"], "snapshot", "the mode of a join without a position")
        snap = wire.lanes[stage.room, "pub"].snap
        require(snap is not None, "no snap after a join without a position")
        assert snap is not None
        fields(snap, head=int, state=dict, x=list, pinned=list, stage=list, tally=dict, more=bool)
        equal((snap["ep"], snap["head"]), (told["ep"], told["head"]), "epoch and head of the snapshot")
        equal({item["k"] for item in snap["x"]}, {"msg"}, "the kinds of a snapshot")
        numbers = [item["s"] for item in snap["x"]]
        equal(numbers, sorted(set(numbers)), "the order of a snapshot")
        require(max(numbers) <= snap["head"], "a snapshot has what is beyond its head")
        require(said["post"] in [item["id"] for item in snap["x"]], "a snapshot lacks what was published before it")
        equal(snap["state"].get("state"), "live", "the state of the room in a snapshot")


async def order(stage: Stage) -> None:
    """Every client sees the same items in the same order, each number once, none left out, in one epoch."""
    async with stage.open() as one, stage.open() as two:
        joined = [await wire.join(stage.room) for wire in (one, two)]
        equal(joined[0]["lanes"]["pub"]["ep"], joined[1]["lanes"]["pub"]["ep"], "the epoch told to two viewers")
        said = [await stage.notice() for _ in range(5)]
        numbers = [answer["seq"] for answer in said]
        equal(numbers, sorted(set(numbers)), "the numbers of five notices, one after the other")
        seen = [(await wire.reaches(stage.room, numbers[-1])).items for wire in (one, two)]
        equal(seen[0][-5:], seen[1][-5:], "what two viewers saw")
        shown = {item["id"]: item["s"] for item in seen[0] if item["k"] == "msg"}
        equal([shown.get(answer["post"]) for answer in said], numbers, "the numbers answered and shown")
        for item in seen[0][-5:]:
            fields(item, s=int, k=str, id=str, at=int, kind=str, by=dict, body=str, ver=int)
            equal(item["by"].get("dept"), stage.people.respondent.department, "the department that speaks")


async def resume(stage: Stage) -> None:
    """From any position of the epoch: exactly what came after it."""
    while (head := await stage.head())["seq"] < RESUMES:
        await stage.notice()
    everything = await _events(stage)
    starts = [0, *range(head["seq"] - RESUMES + 1, head["seq"] + 1)]
    async with stage.open() as wire:
        for start in starts:
            joined = await wire.join(stage.room, pos={"pub": {"ep": head["ep"], "seq": start}})
            equal(joined["lanes"]["pub"]["mode"], "replay", f"the mode of a join at {start} of {head['seq']}")
            equal(wire.lanes[stage.room, "pub"].items, everything[start:], f"what came after {start}")


async def other_epoch(stage: Stage) -> None:
    """A position of another epoch is void: a snapshot of the present one, and nothing by the old numbers."""
    async with stage.open() as wire:
        joined = await wire.join(stage.room, pos={"pub": {"ep": "0123456789abcdef", "seq": 1}})
        told = joined["lanes"]["pub"]
        require(told["ep"] != "0123456789abcdef", "the server took over an epoch that was made up")
        equal(told["mode"], "snapshot", "the mode of a join with another epoch")
        require(wire.lanes[stage.room, "pub"].snap is not None, "no snapshot after another epoch")
        resets = [frame for frame in wire.frames if frame["t"] == "reset"]
        for frame in resets:
            fields(frame, r=str, l=str, ep=str, why=str)
            equal(frame["ep"], told["ep"], "the epoch of a reset")


async def access(stage: Stage) -> None:
    """Backstage is not for everyone, whatever way one asks."""
    respondent, moderator = stage.people.respondent, stage.people.moderator
    netizen = await stage.netizen(0)
    closed = [(who, lane) for who in (None, netizen) for lane in ("desk", "mod")]
    for member, lane in (*closed, (respondent, "mod"), (moderator, "desk")):
        code = "unauthenticated" if member is None else "forbidden"
        who = "nobody" if member is None else f"a {member.role}"
        async with stage.open(member) as wire:
            equal(await wire.refusal("join", room=stage.room, lanes=[lane]), code, f"{who} joining {lane}")
            asked: Frame = {"room": stage.room, "lane": lane, "from": 1, "to": 5}
            equal(await wire.refusal("fetch", **asked), code, f"{who} fetching {lane}")


async def no_room(stage: Stage) -> None:
    async with stage.open() as wire:
        equal(await wire.refusal("join", room="no-such-room"), "no_room", "joining a room that is not there")


async def fetch(stage: Stage) -> None:
    """A stretch of a lane, the same items as everywhere."""
    await stage.notice()
    everything = await _events(stage)
    async with stage.open() as wire:
        answered = await wire.ask("fetch", room=stage.room, lane="pub", **{"from": 1, "to": 3})
        equal(answered["x"], everything[:3], "items 1 to 3")
        last = len(everything)
        answered = await wire.ask("fetch", room=stage.room, lane="pub", **{"from": last, "to": last})
        equal(answered["x"], everything[-1:], "the last item")


async def leave(stage: Stage) -> None:
    """Who has left hears nothing more."""
    async with stage.open() as wire:
        await wire.join(stage.room)
        await wire.ask("leave", room=stage.room)
        since = len(wire.frames)
        said = await stage.notice()
        # Joining again from where one stands is a barrier: everything sent before it has come before it.
        lane = wire.lanes.pop((stage.room, "pub"))
        await wire.join(stage.room, pos={"pub": {"ep": lane.ep, "seq": said["seq"]}})
        heard = [frame for frame in wire.frames[since:] if frame["t"] == "ev" and frame["b"] <= said["seq"]]
        require(not any(frame["x"] for frame in heard), "events after leaving")


async def heartbeat(stage: Stage) -> None:
    """`hb` after activity, with heads as far as what was acknowledged."""
    async with stage.open() as wire:
        await wire.join(stage.room)
        said = await stage.notice()
        frame = await wire.until(lambda frame: frame["t"] == "hb" and frame["heads"].get("pub", 0) >= said["seq"])
        fields(frame, r=str, at=int, heads=dict, viewers=int, approx=bool)
        equal(frame["r"], stage.room, "the room of a heartbeat")


async def same_items(stage: Stage) -> None:
    """The API, the socket's replay and its live events say the same."""
    async with stage.open() as wire:
        await wire.join(stage.room)
        said = await stage.notice()
        live = (await wire.reaches(stage.room, said["seq"])).items[-1]
        equal((await _events(stage))[said["seq"] - 1], live, "an item by HTTP, and live")
        answered = await wire.ask("fetch", room=stage.room, lane="pub", **{"from": said["seq"], "to": said["seq"]})
        equal(answered["x"], [live], "an item fetched, and live")


async def _events(stage: Stage) -> list[Frame]:
    """The public lane by HTTP, from 1."""
    items: list[Frame] = []
    while True:
        page = await stage.anonymous.get(f"/rooms/{stage.room}/events?lane=pub&after={len(items)}&limit=200")
        items += page["items"]
        if not page["items"] or len(items) >= page["head"]:
            equal([item["s"] for item in items], list(range(1, page["head"] + 1)), "the numbers of a lane")
            return items
