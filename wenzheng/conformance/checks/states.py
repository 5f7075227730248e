"""The states of a room, and who may post in them. `closed` ends the room of the run, and therefore comes last."""

from __future__ import annotations

from wenzheng.conformance.stage import Stage
from wenzheng.conformance.verdict import Refused, equal, require
from wenzheng.conformance.wire import Wire


async def paused(stage: Stage) -> None:
    """Netizens wait, staff go on; everyone is told."""
    async with stage.open() as viewer, stage.open(await stage.netizen()) as netizen:
        await viewer.join(stage.room)
        await _step(stage, viewer, "pause", "paused")
        try:
            await _ask(stage, netizen)
        except Refused as refused:
            equal((refused.code, refused.frame["temporary"]), ("room_paused", True), "a question in a paused room")
        else:
            require(False, "a question was taken in a paused room")
        await stage.notice()
        await _step(stage, viewer, "resume", "live")
        await _ask(stage, netizen)


async def bad_step(stage: Stage) -> None:
    """A step that the state does not allow is `bad_state`."""
    try:
        await stage.people.host.api.post(f"/rooms/{stage.room}/open")
    except Refused as refused:
        equal(refused.code, "bad_state", "opening what is open")
    else:
        require(False, "a live room was opened")


async def closed(stage: Stage) -> None:
    """Netizens are done, departments may still answer."""
    async with stage.open() as viewer, stage.open(await stage.netizen()) as netizen:
        await viewer.join(stage.room)
        await _step(stage, viewer, "close", "closed")
        asked = {"room": stage.room, "cid": stage.fresh(), "kind": "question", "body": stage.fresh("问")}
        equal(await netizen.refusal("post", **asked), "room_closed", "a question in a closed room")


async def _ask(stage: Stage, netizen: Wire) -> None:
    await netizen.ask("post", room=stage.room, cid=stage.fresh(), kind="question", body=stage.fresh("请问"))


async def _step(stage: Stage, viewer: Wire, verb: str, state: str) -> None:
    room = await stage.people.host.api.post(f"/rooms/{stage.room}/{verb}")
    equal(room["state"], state, f"the state after {verb}")
    seq = (await stage.head())["seq"]
    item = (await viewer.reaches(stage.room, seq)).items[-1]
    equal((item["k"], item.get("state")), ("state", state), f"the item of {verb}")
