"""The load client as an object: viewers, publishers, and what each phase of publishing showed and cost."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.machine import CannotMeasure, cores, on_core, programs

Answer = dict[str, Any]

# Ports run out for one source address at about 28,000 connections, those just closed among them.
SOURCES = 4


class Crowd:
    """One process of the load client, on the clients' core. Every method waits for its one line of answer."""

    def __init__(
        self,
        port: int,
        pids: Sequence[int],
        protocol: str = "plain",
        *,
        room: str = "",
        tokens: Sequence[str] = (),
        item_bytes: int = 400,
        paths: tuple[str, str] = ("/room", "/pub"),
    ) -> None:
        """`paths` of viewers and of publishers."""
        self._folder = tempfile.TemporaryDirectory(prefix="wz-bench-")
        held = Path(self._folder.name) / "tokens"
        held.write_text("".join(f"{token}\n" for token in tokens), encoding="ascii")
        words = {"p": port, "P": ",".join(map(str, pids)), "k": protocol, "i": SOURCES, "b": item_bytes, "t": held}
        words |= {"r": room, "s": paths[0], "q": paths[1]}
        command = [str(programs()["client"]), *(part for key, word in words.items() for part in (f"-{key}", str(word)))]
        with on_core(cores()[1]):
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def open(self, viewers: int, at_once: int = 100, over_s: float = 0.0) -> Answer:
        """Until there are so many in all; with `over_s` each begins at an instant of its own within so many seconds."""
        answer = self._ask(f"open {viewers} {at_once} {over_s}")
        if answer["open"] < viewers:
            raise CannotMeasure(f"{answer['open']} of {viewers} viewers came in: {answer['refusal']}")
        return answer

    def publishers(self, count: int) -> None:
        answer = self._ask(f"publishers {count}")
        if answer["publishers"] < count:
            raise CannotMeasure(f"{answer['publishers']} of {count} publishers came in")

    def load(self, frames: Iterable[str]) -> None:
        """What the publishers will say, one message a line, in this order."""
        path = Path(self._folder.name) / "frames"
        path.write_text("".join(f"{frame}\n" for frame in frames), encoding="utf-8")
        self._ask(f"load {path}")

    def closed(self, window: int, seconds: float) -> Answer:
        """As fast as it goes, with at most `window` publications that are not on every screen yet."""
        return self._ask(f"closed {window} {seconds}")

    def rate(self, per_s: float, seconds: float, burst: int = 1) -> Answer:
        return self._ask(f"rate {per_s} {burst} {seconds}")

    def ask_all(self) -> Answer:
        """Everything that was loaded, each publisher its next when its last was answered."""
        return self._ask("ask")

    def rest(self, seconds: float) -> Answer:
        return self._ask(f"rest {seconds}")

    def deaf(self, count: int) -> Answer:
        """Viewers that join and then never read."""
        return self._ask(f"deaf {count}")

    def cut(self) -> int:
        """How many of those the server has ended."""
        return int(self._ask("cut")["cut"])

    def watches(self, pid: int) -> None:
        """The server is another process from now on."""
        self._ask(f"processes {pid}")

    def shut(self) -> None:
        """All viewers leave."""
        self._ask("shut")

    def _ask(self, command: str) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise CannotMeasure(f"the load client ended at: {command}")
        answer: Answer = json.loads(line)
        return answer
