"""The server under measurement, as an operator runs it: `wenzheng serve`, a moderated room, posts that wait."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import orjson

from bench import town
from bench.crowd import Answer, Crowd
from bench.machine import ROOT, CannotMeasure, cores, on_core
from tests.services.server import ServerProcess

# All clients are one machine and hurry: what protects a city from one address would be all that is measured.
SETTINGS = {
    "WENZHENG_MODERATION__PACE_BURST": "1000000",
    "WENZHENG_LIMITS__COMMANDS_NETIZEN": "[1000000, 1000000]",
    "WENZHENG_LIMITS__COMMANDS_STAFF": "[1000000, 1000000]",
    "WENZHENG_LIMITS__GUESTS_PER_MINUTE": "100000",
    "WENZHENG_LIMITS__SOCKETS_PER_ADDRESS": "20000",
    "WENZHENG_TIMES__LEASE_S": "3600",
    "WENZHENG_LOG__REQUESTS": "false",
}
# A hot evening: so many that one commit is full while the next is being written.
GUESTS = 200
STARTS = 3
# So many a moderator may lease with one call; so many may wait in a room.
PULL = 50
WAITING_MOST = 4_900

Body = Callable[[int], str]


def question(n: int) -> str:
    return f"第{n}问：{n * 7919 % 104729}路公交怎么换乘地铁？老人和学生有没有优惠？"


class Product:
    """A process of the server's own core, with a store of its own."""

    def __init__(self, folder: Path, url: str = "", more: Mapping[str, str] | None = None) -> None:
        settings = {**SETTINGS, **(more or {}), **({"WENZHENG_STORE__URL": url} if url else {})}
        town.found(url or f"sqlite:///{folder}/wenzheng.db")
        self._folder, self._settings = folder, settings
        self._numbers = itertools.count(1)
        self._run = uuid4().hex[:8]
        self._guests: list[str] = []
        self.server = self._first_start()
        self.host, self.moderator = self._sign_in("host"), self._sign_in("moderator")

    def _first_start(self) -> ServerProcess:
        for left in reversed(range(STARTS)):
            self.server = ServerProcess(self._folder, settings=self._settings)
            try:
                self.start()
            except AssertionError as failed:
                # A port that was free a moment ago may have been taken by somebody else's connection.
                if not left or "port is taken" not in str(failed):
                    raise
            else:
                return self.server
        raise AssertionError

    def start(self) -> None:
        """Again, where it was: on the same port, with the same store."""
        with on_core(cores()[0]):
            self.server.start()

    @property
    def pid(self) -> int:
        return self.server.pid

    @property
    def pids(self) -> list[int]:
        """All its processes: a supervisor's workers do the work."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [self.pid, *map(int, children.read_text(encoding="ascii").split())]

    def call(self, method: str, path: str, token: str, body: object = None) -> Any:
        reply = httpx2.request(
            method,
            f"{self.server.base}/api/v1{path}",
            json=body,
            headers={"authorization": f"Bearer {token}"} if token else {},
            timeout=60,
            trust_env=False,
            verify=False,
        )
        if reply.status_code >= 400:
            raise CannotMeasure(f"{method} {path}: {reply.status_code} {reply.text[:200]}")
        return reply.json() if reply.content else None

    def room(self) -> str:
        """Live, pre-moderated, with one department."""
        made = self.call("POST", "/rooms", self.host, {"title": "票价听证", "departments": ["price"], "open": True})
        return str(made["id"])

    def guests(self) -> list[str]:
        while len(self._guests) < GUESTS:
            self._guests.append(self.call("POST", "/guests", "", {"name": f"网民{len(self._guests)}"})["token"])
        return self._guests

    def crowd(self, room: str, tokens: Sequence[str] = ()) -> Crowd:
        """Viewers of the room; its publishers are sockets of the moderator's, or of those who have these tokens."""
        paths = ("/ws", "/ws")
        return Crowd(self.server.port, self.pids, "wenzheng", room=room, tokens=tokens or [self.moderator], paths=paths)

    def posts(self, room: str, count: int, body: Body = question) -> list[str]:
        """What guests will say, a message each."""
        said = []
        for n in itertools.islice(self._numbers, count):
            frame = {"t": "post", "id": n, "room": room, "cid": f"{self._run}-{n}", "kind": "question", "body": body(n)}
            said.append(orjson.dumps([frame]).decode())
        return said

    def post(self, frames: list[str]) -> Answer:
        """By two hundred guests at as many sockets, each its next post when its last is stored."""
        with self.crowd("", self.guests()) as poster:
            poster.publishers(GUESTS)
            poster.load(frames)
            told = poster.ask_all()
        if told["answered"] < len(frames):
            raise CannotMeasure(f"{told['refused']} of {len(frames)} posts were refused: {told['refusal']}")
        return told

    def approvals(self, room: str, count: int, body: Body = question) -> list[str]:
        """Posted, held, leased by the moderator: the word "publish" for each, a message each."""
        self.post(self.posts(room, count, body))
        leased: list[dict[str, Any]] = []
        while len(leased) < count:
            pulled = self.call("POST", "/queue/pull", self.moderator, {"room": room, "n": PULL})["posts"]
            if not pulled:
                raise CannotMeasure(f"{len(leased)} of {count} posts wait in the queue")
            leased += pulled
        return [
            orjson.dumps(
                [{"t": "mod.decide", "id": n, "post": one["post"], "ver": one["ver"], "verdict": "publish"}]
            ).decode()
            for n, one in enumerate(leased)
        ]

    def publish(self, room: str, count: int, body: Body = question) -> None:
        """So many questions are on the record of the room."""
        with self.crowd(room) as crowd:
            crowd.publishers(PULL)
            crowd.load(self.approvals(room, count, body))
            crowd.ask_all()

    def notice(self, room: str) -> None:
        """The host says something to all."""
        n = next(self._numbers)
        said = {"cid": f"{self._run}-{n}", "kind": "notice", "body": question(n)}
        self.call("POST", f"/rooms/{room}/posts", self.host, said)

    def _sign_in(self, username: str) -> str:
        said = {"username": username, "password": town.PASSWORD}
        return str(self.call("POST", "/session", "", said)["token"])


@contextmanager
def product(url: str = "", more: Mapping[str, str] | None = None) -> Iterator[Product]:
    """`more`: settings besides those of every measurement."""
    # Beside the checkout, not in memory: a commit there would cost nothing.
    folder = Path(tempfile.mkdtemp(prefix=".bench-", dir=ROOT))
    served: Product | None = None
    try:
        served = Product(folder, url, more)
        yield served
    finally:
        if served is not None:
            served.server.kill()
        shutil.rmtree(folder, ignore_errors=True)
