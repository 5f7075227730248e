"""Nodes that share a PostgreSQL and a Redis and nothing else, each on lines of its own to both."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.proxy import Proxy, proxied
from tests.faults.town import SETTINGS
from tests.services.postgres import OwnServer, Postgres, own_server
from tests.services.redis import OwnRedis, own_redis
from tests.services.server import ServerProcess

NODES = 2
ENDS_S = 30.0


@dataclass(slots=True)
class City:
    """`lines[n]` leads from `nodes[n]` to the database, `bus_lines[n]` to Redis."""

    database: OwnServer
    redis: OwnRedis
    store_url: str
    nodes: list[ServerProcess]
    lines: list[Proxy]
    bus_lines: list[Proxy]

    def set_clock(self, n: int, ahead_ms: int) -> None:
        """Of one node; from one moment to the next."""
        _clock_of(self.nodes[n]).write_text(str(ahead_ms))

    @property
    def bases(self) -> list[str]:
        return [node.base for node in self.nodes]

    def heal(self) -> None:
        for line in (*self.lines, *self.bus_lines):
            line.heal()
        for n in range(len(self.nodes)):
            self.set_clock(n, 0)

    def replace_database(self, *, keep_as: str = "", by: str = "") -> None:
        """While nobody is connected: a copy is made of the database as it is now, or a copy takes its place."""
        name = self.store_url.rsplit("/", 1)[1]
        for line in self.lines:
            line.down()
        # A backend may need a moment to notice that its client is gone.
        self.database.postgres.run(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        if keep_as:
            self.database.postgres.run(f'CREATE DATABASE "{keep_as}" TEMPLATE "{name}"')
        else:
            self.database.postgres.run(f'DROP DATABASE "{name}" WITH (FORCE)')
            self.database.postgres.run(f'ALTER DATABASE "{by}" RENAME TO "{name}"')
        self.heal()

    def fail_over(self) -> None:
        """The database is killed, its replica takes its place, and every line leads there."""
        before = self.database.port
        for line in self.lines:
            line.down()
        self.database.fail_over()
        self.store_url = self.store_url.replace(f":{before}/", f":{self.database.port}/")
        for line in self.lines:
            line.target = self.database.port
        self.heal()

    def run(self, *statements: str) -> None:
        """In the database, past the lines."""
        Postgres(self.store_url).run("; ".join(statements))


@contextmanager
def build_city(size: int = NODES, **settings: str) -> Iterator[City]:
    folder = Path(tempfile.mkdtemp(prefix="wz-faults-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = stack.enter_context(own_server())
        url = database.postgres.create_database("template1")
        redis = stack.enter_context(own_redis())
        lines = [stack.enter_context(proxied(database.port)) for _ in range(size)]
        bus_lines = [stack.enter_context(proxied(redis.port)) for _ in range(size)]
        nodes = []
        for n, (line, bus_line) in enumerate(zip(lines, bus_lines, strict=True)):
            data = folder / f"node-{n}"
            data.mkdir()
            own = {
                **SETTINGS,
                **settings,
                "WENZHENG_STORE__URL": url.replace(f":{database.port}/", f":{line.port}/"),
                "WENZHENG_BUS__URL": f"redis://127.0.0.1:{bus_line.port}/0",
            }
            node = ServerProcess(data, "--demo", settings=own)
            _clock_of(node).write_text("0")
            node.module = ["tests.faults.odd_clock", str(_clock_of(node))]
            nodes.append(node.start())
            stack.callback(_stop, node)
        yield City(database, redis, url, nodes, lines, bus_lines)


def _clock_of(node: ServerProcess) -> Path:
    return node.data / "clock"


def _stop(node: ServerProcess) -> None:
    """It must end by itself; one that does not says why before it is killed."""
    if node.process is None or node.process.poll() is not None:
        return
    node.process.send_signal(signal.SIGTERM)
    try:
        node.process.wait(ENDS_S)
    except subprocess.TimeoutExpired:
        node.process.send_signal(signal.SIGUSR1)
        time.sleep(1)  # for what it has to say
        node.kill()
        raise AssertionError(f"a node does not end:\n{node.log()[-12_000:]}") from None
    assert node.stop() == 0, node.log()[-4000:]
