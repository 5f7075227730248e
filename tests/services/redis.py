"""A real Redis for the tests, without Docker or root: given by URL, installed, unpacked or from a wheel."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import redis

from tests.services.postgres import free_port
from tests.services.redis_binaries import VARIABLE, NoRedis, find_redis

START_S = 15.0
SLOTS = 16_384
# A test server forgets: it need not survive anything.
SETTINGS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "notice")


class Redis:
    """A server that runs, ours or not."""

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, *command: str | bytes) -> Any:
        """One command over a connection of its own, answered within two seconds or an error of the client's."""
        client = redis.Redis.from_url(self.url, socket_timeout=2.0, socket_connect_timeout=2.0)
        try:
            return client.execute_command(*command)  # type: ignore[no-untyped-call]
        finally:
            client.close()

    def version(self) -> tuple[int, ...]:
        """Valkey tells the Redis it stands for, which is what counts here."""
        return tuple(int(part) for part in self.run("INFO", "server")["redis_version"].split("."))


class OwnRedis(Redis):
    """A server of the test's own in `folder`, to be stopped, killed, frozen and started at will; always on its port."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        self.port = port or free_port()
        super().__init__(f"redis://127.0.0.1:{self.port}/0")
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        binary = find_redis()
        command = [str(binary.path), "--port", str(self.port), "--dir", str(self._folder), *SETTINGS, *self._options]
        with (self._folder / "log").open("ab") as output:
            self._process = subprocess.Popen(command, env=binary.environment(), stdout=output, stderr=output)
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """As an operator stops it: connections end, then the process."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut stops it."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """It keeps its connections, takes bytes, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None, "not started"
        self._process.send_signal(number)

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(number)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_S
        while True:
            try:
                self.run("PING")
                return
            except redis.RedisError as failure:
                if process.poll() is not None or time.monotonic() > until:
                    said = (self._folder / "log").read_text(errors="replace")[-2000:]
                    raise NoRedis(f"Redis did not start: {said}") from failure
                time.sleep(0.01)


@contextmanager
def own_redis(*options: str, port: int = 0) -> Iterator[OwnRedis]:
    """Started in a folder that goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="wz-redis-"))
    server = OwnRedis(folder, *options, port=port)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_cluster(nodes: int = 3) -> Iterator[list[OwnRedis]]:
    """A real Cluster of so many primaries, each with its share of the slots. Needs Redis 7."""
    with ExitStack() as stack:
        gossip = [free_port() for _ in range(nodes)]
        common = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000")
        members = [stack.enter_context(own_redis(*common, "--cluster-port", str(port))) for port in gossip]
        bounds = [SLOTS * n // nodes for n in range(nodes + 1)]
        for n, member in enumerate(members):
            member.run("CLUSTER", "SET-CONFIG-EPOCH", str(n + 1))
            member.run("CLUSTER", "ADDSLOTSRANGE", str(bounds[n]), str(bounds[n + 1] - 1))
        # Everybody is introduced to everybody: hearsay would take seconds.
        for member, (other, port) in product(members, zip(members, gossip, strict=True)):
            if other is not member:
                member.run("CLUSTER", "MEET", "127.0.0.1", str(other.port), str(port))
        until = time.monotonic() + START_S
        while not all(_sees_everybody(member, nodes) for member in members):
            if time.monotonic() > until:
                raise NoRedis("the nodes of the test's cluster do not find each other")
            time.sleep(0.05)
        yield members


@contextmanager
def start_redis() -> Iterator[Redis]:
    """The one given by `WENZHENG_TEST_REDIS_URL`, or one of our own."""
    given = os.environ.get(VARIABLE)
    if given:
        yield Redis(given)
        return
    with own_redis() as server:
        yield server


def fresh_prefix() -> str:
    """Channels and keys of one test alone: pub/sub knows no databases."""
    return f"wz-test-{uuid4().hex[:12]}"


def _sees_everybody(member: OwnRedis, nodes: int) -> bool:
    told = member.run("CLUSTER", "INFO").decode().split()
    return {"cluster_state:ok", f"cluster_known_nodes:{nodes}"} <= set(told)
