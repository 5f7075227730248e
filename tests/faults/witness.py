"""A client of the published protocol that writes down everything it asks, is answered and sees, for the judge."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from tests.client import Frame, LaneView, Live, Refused, RoomView
from tests.history import History, Operation

# An answer that has not come by then will not be waited for: the same is asked again.
ANSWER_S = 12.0
# As the protocol asks of clients: heads that stay ahead for so long are a gap of the client's own.
BEHIND_S = 2.0
AGAIN_S = 0.2
DECODED_MAX = 512

_decoded_by: OrderedDict[tuple[str, bytes], Any] = OrderedDict()


class Oblivion(History):
    """Writes nothing down."""

    def _sight(self, *args: Any, **fields: Any) -> None:
        return


class Witness(Live):
    """Comes back by itself, each time at the next node. Without a history it keeps nothing of what it saw."""

    def __init__(
        self,
        bases: Sequence[str],
        history: History | None,
        name: str,
        *,
        token: str | None = None,
        codec: str = "json",
    ) -> None:
        super().__init__(bases[0], codec=codec, token=token)
        self.keeps = history is not None
        self.history = history or Oblivion()
        self.name = name
        self.backoff_s = 0.05
        self._urls = itertools.cycle(base.replace("http", "ws", 1) + "/ws" for base in bases)

    async def watch(self, room: str, lane: str = "pub") -> LaneView:
        """The lane on screen, whatever happens on the way."""
        view = LaneView()
        self.rooms[room] = RoomView({lane: view})
        if self._open.is_set():
            await self._write([self._join_frame(room)])
        await self.until(lambda: view.snaps or view.seq, 30)
        return view

    async def does(self, op: str, operation: Operation, **fields: Any) -> Frame | None:
        """The answer to one command, recorded; None when nobody knows or it was refused for now."""
        try:
            answer = await asyncio.wait_for(self.ask(op, **fields), ANSWER_S)
        except Refused as refused:
            self.history.refused(operation, refused.code)
            if not refused.frame["temporary"]:
                raise
            await asyncio.sleep(min(refused.frame.get("retry_ms", 100), 500) / 1000)
            return None
        except TimeoutError:
            self.history.unknown(operation)
            return None
        self.history.ok(
            operation, **{name: answer[name] for name in ("post", "state", "seq", "posts") if name in answer}
        )
        return answer

    async def posts(self, room: str, author: str, cid: str, kind: str, body: str) -> Frame:
        """Until it is stored: the same `cid` again and again."""
        while True:
            sent = self.history.invoke(self.name, "post", room=room, author=author, cid=cid, body=body)
            answer = await self.does("post", sent, room=room, cid=cid, kind=kind, body=body)
            if answer is not None:
                return answer

    # --- what is seen -----------------------------------------------------------------------------------------------

    def _decoded(self, raw: bytes) -> Any:
        """A room's message is the same bytes for everybody: it is decoded once, and kept once."""
        found = _decoded_by.get((self.codec, raw))
        if found is None:
            found = _decoded_by[self.codec, raw] = super()._decoded(raw)
            if len(_decoded_by) > DECODED_MAX:
                _decoded_by.popitem(last=False)
        return found

    async def _serve_once(self) -> None:
        self.url = next(self._urls)
        try:
            await super()._serve_once()
        finally:
            for room, view in self.rooms.items():
                for lane in view.lanes:
                    self.history.closes(self.name, lane, room=room)

    def _join_frame(self, room: str) -> Frame:
        for name, lane in self.rooms[room].lanes.items():
            known = {} if lane.ep is None else {"epoch": lane.ep, "seq": lane.seq}
            self.history.opens(self.name, name, room=room, **known)  # type: ignore[arg-type]
        return super()._join_frame(room)

    def _answer(self, kind: str, frame: Frame) -> None:
        super()._answer(kind, frame)
        if kind == "err" and str(frame.get("id")).startswith("j") and frame["temporary"]:
            asyncio.get_running_loop().call_later(AGAIN_S, self._join_again)

    def _join_again(self) -> None:
        asyncio.get_running_loop().create_task(self._write([self._join_frame(room) for room in self.rooms]))

    def _take(self, frame: Frame) -> None:
        if frame["t"] == "reset" and self._lane(frame):
            self.history.reset(self.name, frame["l"], frame["ep"], frame["why"], room=frame["r"])
        super()._take(frame)
        if frame["t"] == "hb" and frame["r"] in self.rooms:
            self.history.viewers(self.name, frame["viewers"], room=frame["r"])
            for name, lane in self.rooms[frame["r"]].lanes.items():
                if frame["heads"].get(name, 0) > lane.seq:
                    asyncio.get_running_loop().call_later(BEHIND_S, self._behind, lane, frame["heads"][name])

    def _behind(self, lane: LaneView, head: int) -> None:
        if lane.seq < head:
            self.cut()

    def _snap(self, frame: Frame) -> None:
        self.history.snap(self.name, frame["l"], frame["ep"], frame["head"], frame["x"], room=frame["r"])
        super()._snap(frame)

    def _events(self, frame: Frame) -> None:
        for item in frame["x"]:
            self.history.saw(self.name, frame["l"], frame["ep"], item, room=frame["r"])
        lane = self._lane(frame)
        if lane is not None and frame["ep"] == lane.ep and frame["x"] and frame["a"] > lane.seq + 1:
            lane.holes += 1
            self.cut()  # and back from where it stands
            return
        super()._events(frame)
        if lane is not None and not self.keeps:
            lane.items.clear()
