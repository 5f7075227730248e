"""Two nodes that share nothing but a PostgreSQL, each on a line of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.proxy import Proxy, proxied
from tests.faults.town import SETTINGS
from tests.services.postgres import OwnServer, Postgres, own_server
from tests.services.server import ServerProcess


@dataclass(slots=True)
class City:
    """`lines[n]` leads from `nodes[n]` to the database."""

    database: OwnServer
    store_url: str
    nodes: list[ServerProcess]
    lines: list[Proxy]

    @property
    def bases(self) -> list[str]:
        return [node.base for node in self.nodes]

    def heal(self) -> None:
        for line in self.lines:
            line.heal()

    def run(self, *statements: str) -> None:
        """In the database, past the lines."""
        Postgres(self.store_url).run("; ".join(statements))


@contextmanager
def build_city() -> Iterator[City]:
    folder = Path(tempfile.mkdtemp(prefix="wz-faults-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = stack.enter_context(own_server())
        url = database.postgres.create_database("template1")
        lines = [stack.enter_context(proxied(database.port)) for _ in range(2)]
        nodes = []
        for n, line in enumerate(lines):
            data = folder / f"node-{n}"
            data.mkdir()
            own = url.replace(f":{database.port}/", f":{line.port}/")
            node = ServerProcess(data, "--demo", settings={**SETTINGS, "WENZHENG_STORE__URL": own})
            nodes.append(node.start())
            stack.callback(_stop, node)
        yield City(database, url, nodes, lines)


def _stop(node: ServerProcess) -> None:
    if node.process is not None and node.process.poll() is None:
        assert node.stop() == 0, node.log()[-4000:]
