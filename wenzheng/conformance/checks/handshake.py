"""Before the first command: subprotocols, origins, and who one is."""

from __future__ import annotations

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from wenzheng.conformance.stage import Stage
from wenzheng.conformance.verdict import Broken, Refused, equal, fields, require
from wenzheng.conformance.wire import WAIT_S


async def subprotocol(stage: Stage) -> None:
    """Without one of ours: HTTP 400."""
    for offered in (None, [Subprotocol("chat")]):
        equal(await _refused(stage, offered, None), 400, f"the status of a handshake that offers {offered}")


async def origin(stage: Stage) -> None:
    """From a foreign page: HTTP 403."""
    ours = [Subprotocol(f"wenzheng.v1.{stage.codec}")]
    for foreign in ("https://foreign.example", "null"):
        equal(await _refused(stage, ours, foreign), 403, f"the status of a handshake from {foreign}")


async def _refused(stage: Stage, offered: list[Subprotocol] | None, foreign: str | None) -> int:
    try:
        async with connect(
            stage.target.ws,
            subprotocols=offered,
            origin=Origin(foreign) if foreign else None,
            proxy=None,
            open_timeout=WAIT_S,
            close_timeout=2,
        ):
            raise Broken("the handshake was accepted")
    except InvalidStatus as refused:
        return refused.response.status_code


async def negotiated(stage: Stage) -> None:
    """The subprotocol asked for is the one that is spoken."""
    async with stage.open() as wire:
        equal(wire.socket.subprotocol, f"wenzheng.v1.{stage.codec}", "the subprotocol")


async def welcome(stage: Stage) -> None:
    """`welcome {conn, user, hb_ms, limits, now}`; who shows nothing only watches."""
    async with stage.open(greet=False) as wire:
        frame = await wire.ask("hello", lang="zh-CN")
        equal(frame["t"], "welcome", "the answer to hello")
        fields(frame, conn=str, user=(type(None), dict), hb_ms=int, limits=dict, now=int)
        equal(frame["user"], None, "the user of a connection that only watches")
        code = await wire.refusal("post", room=stage.room, cid=stage.fresh(), kind="question", body="谁在问？")
        equal(code, "unauthenticated", "a post of nobody")


async def hello_first(stage: Stage) -> None:
    """Nothing else is done before `hello`."""
    async with stage.open(greet=False) as wire:
        equal(await wire.refusal("join", room=stage.room), "unauthenticated", "a join before hello")


async def token(stage: Stage) -> None:
    """A token says who one is; a wrong one is nobody."""
    respondent = stage.people.respondent
    async with stage.open(greet=False) as wire:
        user = (await wire.ask("hello", token=respondent.token))["user"]
        found = {name: user.get(name) for name in ("id", "name", "role", "department")}
        expected = {"id": respondent.id, "name": respondent.name, "role": "respondent"}
        equal(found, {**expected, "department": respondent.department}, "the user of a token")
    async with stage.open(greet=False) as wire:
        await wire.send({"t": "hello", "id": 1, "token": "not-a-token"})
        try:
            frame = await wire.until(lambda frame: frame["t"] in ("err", "welcome"))
        except ConnectionClosed:
            require(wire.socket.close_code in (4101, 4401), f"a wrong token: closed with {wire.socket.close_code}")
            return
        require(frame["t"] == "err", "a token that is none was welcomed")
        require(frame["code"] in ("unauthenticated", "expired"), f"a token that is none: {frame['code']}")


async def ticket(stage: Stage) -> None:
    """A ticket is good once."""
    granted = await stage.people.respondent.api.post("/tickets")
    async with stage.open(greet=False) as wire:
        frame = await wire.ask("hello", ticket=granted["ticket"])
        equal(frame["user"]["id"], stage.people.respondent.id, "the user of a ticket")
    async with stage.open(greet=False) as wire:
        try:
            await wire.ask("hello", ticket=granted["ticket"])
        except Refused as refused:
            require(refused.code in ("unauthenticated", "expired"), f"a ticket used twice: {refused.code}")
        else:
            raise Broken("a ticket was good twice")
