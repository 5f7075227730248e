"""Messages and frames: what is one, what is none, and what comes back byte for byte."""

from __future__ import annotations

import asyncio

from websockets.exceptions import ConnectionClosed

from wenzheng.conformance.codecs import encode, payload, vectors
from wenzheng.conformance.stage import Stage
from wenzheng.conformance.verdict import Frame, equal, require
from wenzheng.conformance.wire import Wire

PROTOCOL_BROKEN, TOO_LARGE = 4400, 1009
# A netizen's twenty commands at once, and then ten a second.
BURST, PAUSE_S = 15, 0.12


async def unknown_command(stage: Stage) -> None:
    """An unknown `t` is said to be one; the connection goes on."""
    async with stage.open() as wire:
        equal(await wire.refusal("no.such"), "unknown_command", "an unknown t")
        await wire.ask("leave", room=stage.room)


async def unknown_fields(stage: Stage) -> None:
    """They are ignored."""
    async with stage.open() as wire:
        await wire.ask("leave", room=stage.room, colour="red", nested={"a": [1, None]})


async def wrong_types(stage: Stage) -> None:
    """A known field of a wrong type, or a blank body, is `bad_frame`, with the id of the command."""
    async with stage.open(await stage.netizen(0)) as wire:
        post: Frame = {"room": stage.room, "cid": "c", "kind": "question", "body": "问"}
        for change in ({"room": 1}, {"cid": None}, {"kind": "poem"}, {"body": 5}, {"body": " \u3000\n"}):
            equal(await wire.refusal("post", **{**post, **change}), "bad_frame", f"a post with {change}")
        equal(await wire.refusal("join", room=stage.room, lanes="pub"), "bad_frame", "lanes that are no list")
        equal(await wire.refusal("vote", post="p", v=2), "bad_frame", "a vote of 2")


async def sixteen(stage: Stage) -> None:
    """Sixteen frames are a message, each with its answer; seventeen are none."""
    async with stage.open() as wire:
        await wire.send(*({"t": "leave", "id": n, "room": stage.room} for n in range(101, 117)))
        for n in range(101, 117):
            await wire.answer(n)
        await none_at_all(wire, encode(stage.codec, [{"t": "leave", "id": 1, "room": stage.room}] * 17), "17 frames")


async def refused(stage: Stage) -> None:
    """What is no message of the protocol: `err bad_frame` with `id: null`, or close 4400."""
    for vector in vectors()["refused"]:
        await _is_none(stage, payload(stage.codec, vector), vector["why"])
    others: tuple[object, ...] = ({}, None, 1, "x", [1], [[]], [{"t": 1}], [])
    for value in others:
        await _is_none(stage, encode(stage.codec, value), repr(value))


async def other_kind(stage: Stage) -> None:
    """A text message is none for MessagePack, a binary one none for JSON."""
    message = encode(stage.codec, [{"t": "leave", "id": 1, "room": stage.room}])
    raw = message.encode() if isinstance(message, str) else message
    async with stage.open() as wire:
        await none_at_all(wire, raw, "the other kind of message", text=stage.codec == "msgpack")


async def _is_none(stage: Stage, message: str | bytes, why: str) -> None:
    async with stage.open() as wire:
        await none_at_all(wire, message, why)


async def none_at_all(wire: Wire, message: str | bytes, why: str, *, text: bool | None = None) -> None:
    since = len(wire.frames)
    await wire.say(message, text=text)
    try:
        frame = await wire.until(lambda frame: frame["t"] in ("err", "ok", "bye"), since=since)
    except ConnectionClosed:
        # Text that is not UTF-8 has broken WebSocket itself, one layer below.
        codes = (PROTOCOL_BROKEN, 1007) if text else (PROTOCOL_BROKEN,)
        require(wire.socket.close_code in codes, f"{why}: closed with {wire.socket.close_code}")
        return
    if frame["t"] == "bye":
        equal(frame["code"], PROTOCOL_BROKEN, f"{why}: the close that was announced")
        return
    equal(frame["t"], "err", f"{why}: the answer")
    equal((frame["code"], frame.get("id")), ("bad_frame", None), f"{why}: code and id of the answer")


async def too_large(stage: Stage) -> None:
    """Beyond the limit that `welcome` told: `too_large`, or close 1009."""
    async with stage.open(greet=False) as wire:
        limit = (await wire.ask("hello"))["limits"].get("message", 16 * 1024)
        await wire.say(encode(stage.codec, [{"t": "leave", "id": 1, "room": "x" * limit}]))
        try:
            frame = await wire.until(lambda frame: frame["t"] in ("err", "ok", "bye"), since=1)
        except ConnectionClosed:
            equal(wire.socket.close_code, TOO_LARGE, "the close after a message that is too large")
            return
        equal(frame.get("code"), TOO_LARGE if frame["t"] == "bye" else "too_large", "the answer to what is too large")


async def echoed(stage: Stage) -> None:
    """The id of a command comes back as it was, whatever string or number it is."""
    async with stage.open() as wire:
        for vector in vectors()["echoed"]:
            since = len(wire.frames)
            await wire.say(payload(stage.codec, vector))
            frame = await wire.until(lambda frame: frame["t"] in ("err", "ok", "bye"), since=since)
            equal(frame.get("code"), "unknown_command", f"a command with the id {vector['id']!r}")
            require(
                frame["id"] == vector["id"] and isinstance(frame["id"], type(vector["id"])),
                f"the id {vector['id']!r} came back as {frame['id']!r}",
            )
            # Slower than any limit there may be on commands.
            await asyncio.sleep(PAUSE_S if len(wire.frames) > BURST else 0)


async def text_travels(stage: Stage) -> None:
    """A text arrives as it was sent: beyond the basic plane, with quotes, newlines and joiners."""
    body = stage.fresh('"𠮷野家"\\ 门口的 🚇\n第二行：👨\u200d👩\u200d👧 é ')
    async with stage.open() as viewer, stage.open(stage.people.respondent) as respondent:
        await viewer.join(stage.room)
        said = await respondent.ask("post", room=stage.room, cid=stage.fresh(), kind="notice", body=body)
        lane = await viewer.reaches(stage.room, said["seq"])
        equal(lane.items[-1].get("body"), body, "the body of a notice")
