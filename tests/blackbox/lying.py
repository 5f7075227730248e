"""A server that breaks the protocol: the real one behind a proxy that changes what passes, one lie at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from kernel.tasks import spawn
from wenzheng.conformance.codecs import decode, encode
from wenzheng.conformance.target import Target
from wenzheng.conformance.verdict import Broken, Frame


@dataclass(slots=True)
class Line:
    """One connection through the proxy; `kept` is a lie's own memory of it."""

    proxy: Proxy
    codec: str
    client: ServerConnection
    server: ClientConnection
    kept: dict[str, Any] = field(default_factory=dict)

    async def tell_others(self, frame: Frame) -> None:
        for other in self.proxy.lines:
            if other is not self:
                await other.client.send(encode(other.codec, [frame]))


Change = Callable[[Line, Frame], Frame | None]


def _honest(line: Line, frame: Frame) -> Frame:
    return frame


@dataclass(slots=True)
class Proxy:
    """`up` changes what clients say, `down` what the server says; None leaves a frame out."""

    target: Target
    up: Change = _honest
    down: Change = _honest
    leak: bool = False
    lines: list[Line] = field(default_factory=list)

    async def handle(self, client: ServerConnection) -> None:
        chosen = str(client.subprotocol)
        async with connect(
            self.target.ws, subprotocols=[Subprotocol(chosen)], proxy=None, compression=None, max_size=2**24
        ) as server:
            line = Line(self, chosen.rpartition(".")[2], client, server)
            self.lines.append(line)
            try:
                await self._both_ways(line)
            finally:
                self.lines.remove(line)

    async def _both_ways(self, line: Line) -> None:
        ways = [
            spawn(self._pass(line, line.client, line.server, self.up), name="proxy-up"),
            spawn(self._pass(line, line.server, line.client, self.down), name="proxy-down"),
        ]
        _, other = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in other:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        code = line.server.close_code
        await line.client.close(code if code and 1000 <= code < 5000 and code not in (1005, 1006) else 1000)

    async def _pass(
        self,
        line: Line,
        source: ServerConnection | ClientConnection,
        sink: ServerConnection | ClientConnection,
        change: Change,
    ) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in source:
                try:
                    frames = decode(line.codec, message)
                except (Broken, RecursionError):
                    await sink.send(message)
                    continue
                changed = [one for frame in frames if (one := change(line, frame)) is not None]
                if self.leak and source is line.server:
                    await self._leak(line, frames)
                if changed:
                    await sink.send(encode(line.codec, changed))

    async def _leak(self, line: Line, frames: list[Frame]) -> None:
        for frame in frames:
            for waiting in frame.get("posts", ()):
                await line.tell_others({"t": "aside", "r": waiting["room"], "body": waiting["body"]})


@asynccontextmanager
async def lying(target: Target, **lie: Any) -> AsyncIterator[Target]:
    """The target as clients see it through the proxy; HTTP goes to the real server."""
    proxy = Proxy(target, **lie)
    names = [cast(Subprotocol, f"wenzheng.v1.{codec}") for codec in ("json", "msgpack")]
    async with serve(proxy.handle, "127.0.0.1", 0, subprotocols=names, compression=None, max_size=2**24) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield replace(target, ws=f"ws://127.0.0.1:{port}/ws")


# --- lies -----------------------------------------------------------------------------------------------------------


def drops_a_number(line: Line, frame: Frame) -> Frame | None:
    if frame["t"] == "ev" and frame["x"] and not line.kept.get("dropped"):
        line.kept["dropped"] = True
        return None
    return frame


def wrong_epoch(line: Line, frame: Frame) -> Frame:
    return {**frame, "ep": "0" * 16} if frame["t"] == "ev" else frame


def resumes_late(line: Line, frame: Frame) -> Frame:
    if frame["t"] == "ev" and len(frame["x"]) > 1:
        return {**frame, "a": frame["a"] + 1, "x": frame["x"][1:]}
    return frame


def takes_any_epoch(line: Line, frame: Frame) -> Frame:
    if frame["t"] == "joined":
        lanes = {name: {**told, "ep": "0123456789abcdef"} for name, told in frame["lanes"].items()}
        return {**frame, "lanes": lanes}
    return frame


def shows_what_is_hidden(line: Line, frame: Frame) -> Frame:
    """Remembers every text it has passed on, on whatever connection, and puts it back where it was taken out."""
    known = line.proxy.lines[0].kept.setdefault("texts", {}) if line.proxy.lines else {}
    items = []
    for item in frame.get("x", ()) if frame["t"] == "ev" else ():
        if "body" in item:
            known[item["id"]] = item["body"]
        items.append({**item, "body": known.get(item["id"], "")} if item.get("redacted") else item)
    return {**frame, "x": items} if items else frame


def forgets_cids(line: Line, frame: Frame) -> Frame:
    if frame["t"] == "post":
        line.kept["n"] = line.kept.get("n", 0) + 1
        return {**frame, "cid": f"{frame['cid']}.{line.kept['n']}"}
    return frame


def rounds_ids(line: Line, frame: Frame) -> Frame:
    number = frame.get("id")
    return {**frame, "id": number - 1} if isinstance(number, int) and number == 2**53 else frame


def normalises_ids(line: Line, frame: Frame) -> Frame:
    number = frame.get("id")
    return {**frame, "id": number.replace("e\u0301", "é")} if isinstance(number, str) else frame


def understands_everything(line: Line, frame: Frame) -> Frame:
    return {"t": "ok", "id": frame["id"]} if frame.get("code") == "bad_frame" else frame


def lets_everybody_in(line: Line, frame: Frame) -> Frame:
    if frame.get("code") in ("forbidden", "unauthenticated"):
        return {"t": "ok", "id": frame["id"], "x": [], "posts": []}
    return frame


def changes_its_mind(line: Line, frame: Frame) -> Frame:
    if frame["t"] == "ok" and "seq" in frame and frame["seq"] is not None:
        line.kept["n"] = line.kept.get("n", 0) + 1
        return {**frame, "seq": frame["seq"] + line.kept["n"]}
    return frame


def changes_texts(line: Line, frame: Frame) -> Frame:
    if frame["t"] != "ev":
        return frame
    items = [{**item, "body": item["body"].replace("\u200d", "")} if "body" in item else item for item in frame["x"]]
    return {**frame, "x": items}
