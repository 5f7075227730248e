"""A real PostgreSQL for the tests, without Docker or root: given by URL, installed or from a wheel; never skipped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import psutil

from persistence.schema import metadata
from tests.services.postgres_binaries import VARIABLE, NoPostgres, find_binaries, reachable, run_as

START_S = 30.0
# A test server forgets with its folder: it need not survive a power cut.
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "max_connections=200",
    "unix_socket_directories=",
    "listen_addresses=127.0.0.1",
)


@dataclass(slots=True)
class Postgres:
    """A server on which databases may be made, lent and dropped."""

    url: str  # of its maintenance database
    template: str = ""
    spare: list[str] = field(default_factory=list)

    def make_template(self) -> str:
        """An empty database to migrate once and copy; answers its url."""
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

    def create_database(self, template: str = "") -> str:
        """One of the test's own, to do anything to; `drop_database` when done."""
        name = f"wz_{uuid4().hex[:12]}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template or self.template}"')
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1].split("?", maxsplit=1)[0]}" WITH (FORCE)')

    def drop_all(self) -> None:
        """Leaves a server that is not ours as it was."""
        for url in (*self.spare, *([self.url_of(self.template)] if self.template else [])):
            self.drop_database(url)

    def url_of(self, database: str) -> str:
        server, _, rest = self.url.rpartition("/")
        _, question, options = rest.partition("?")
        return f"{server}/{database}{question}{options}"

    def run(self, statement: str) -> None:
        _apart(_execute(self.url, statement))

    def ask(self, query: str) -> Any:
        """The one value that it answers."""
        return _apart(_fetch(self.url, query))


@dataclass(slots=True)
class Replica:
    """Follows a server until it takes its place."""

    data: Path
    port: int
    process: subprocess.Popen[bytes]


class OwnServer:
    """A server of the test's own in `folder`, to be stopped and started at will."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self._settings = (*SETTINGS, *settings)
        self._data = folder / "data"
        self._log = folder / "log"
        self._identity = run_as()
        self._binaries = reachable(find_binaries(), folder, self._identity)
        if self._identity:
            os.chown(folder, self._identity["user"], self._identity["group"])
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.replica: Replica | None = None
        self.postgres = Postgres(_url(self._port))
        self._initialise()

    def start(self) -> None:
        self._process = self._run(self._data, self._port)

    def _run(self, data: Path, port: int) -> subprocess.Popen[bytes]:
        settings = [part for setting in self._settings for part in ("-c", setting)]
        command: list[str | Path] = [self._binaries / "postgres", "-D", data, "-p", str(port), *settings]
        with self._log.open("ab") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, cwd="/", **self._identity)
        self._wait_until_ready(process, Postgres(_url(port)))
        return process

    def stop(self, number: int = signal.SIGINT) -> None:
        """SIGINT is PostgreSQL's "fast": ends the connections, then itself."""
        if self._process is not None:
            _end(self._process, number)
        self._process = None

    def add_replica(self) -> None:
        """Copied while the server rests, since `pg_basebackup` is not everywhere; from then on it follows."""
        self.stop()
        port = free_port()
        data = self._data.with_name(f"data-{port}")
        copying = ["cp", "-a", str(self._data), str(data)]  # with its owner
        subprocess.run(copying, check=True)
        (data / "standby.signal").touch()
        with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            settings.write(f"primary_conninfo = 'host=127.0.0.1 port={self._port} user=wenzheng'\n")
        self.start()
        self.replica = Replica(data, port, self._run(data, port))

    def cut_off_replica(self) -> None:
        """What was committed before the call has reached it; what is committed after the return never will."""
        assert self.replica is not None, "there is none"
        follower = Postgres(_url(self.replica.port))
        before = self.postgres.ask("SELECT pg_current_wal_lsn()::text")
        _wait_for(lambda: follower.ask(f"SELECT pg_last_wal_replay_lsn() >= '{before}'"), "the replica does not follow")
        # Without this, what had arrived would be read before it takes over, and so it would lag behind nothing.
        follower.run("ALTER SYSTEM SET primary_conninfo = ''")
        follower.run("SELECT pg_reload_conf()")
        deaf = "SELECT count(*) = 0 FROM pg_stat_wal_receiver"
        _wait_for(lambda: follower.ask(deaf), "the replica goes on listening")

    def fail_over(self) -> None:
        """The server is killed, its replica takes over, under another port: this object is the replica from now on."""
        assert self.replica is not None, "there is none"
        self.kill()
        taking, self.replica = self.replica, None
        self._data, self._port, self._process = taking.data, taking.port, taking.process
        self.postgres = Postgres(_url(self._port))
        self.postgres.run("SELECT pg_promote()")

    @property
    def port(self) -> int:
        return self._port

    def freeze(self) -> None:
        """It keeps its connections, takes bytes, and answers nothing."""
        for process in self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()

    def thaw(self) -> None:
        for process in self._processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    def kill(self) -> None:
        """As a power cut stops it: every process of it at once. `start` finds what was committed."""
        processes = self._processes()
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, 10)
        if self._process is not None:
            self._process.wait()
        self._process = None

    def _processes(self) -> list[psutil.Process]:
        """The postmaster first: stopped, it starts no others."""
        assert self._process is not None, "not started"
        postmaster = psutil.Process(self._process.pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def _initialise(self) -> None:
        options = ["-U", "wenzheng", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        command: list[str | Path] = [self._binaries / "initdb", "-D", self._data, *options]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **self._identity)
        if done.returncode != 0:
            raise NoPostgres(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")

    def _wait_until_ready(self, process: subprocess.Popen[bytes], postgres: Postgres) -> None:
        """Its port opens before it answers."""
        until = time.monotonic() + START_S
        while True:
            try:
                postgres.run("SELECT 1")
                return
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
                if process.poll() is not None or time.monotonic() > until:
                    said = self._log.read_text(errors="replace")[-2000:]
                    raise NoPostgres(f"PostgreSQL did not start: {said}") from failure
                time.sleep(0.05)


@contextmanager
def own_server(*settings: str, parent: Path | None = None) -> Iterator[OwnServer]:
    """Started in a folder that goes with it; `settings` come after the usual ones and win over them."""
    folder = Path(tempfile.mkdtemp(prefix="wz-pg-", dir=parent))
    try:
        server = OwnServer(folder, *settings)
        try:
            server.start()
            yield server
        finally:
            if server.replica is not None:
                _end(server.replica.process, signal.SIGINT)
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def start_postgres() -> Iterator[Postgres]:
    """The one given by `WENZHENG_TEST_POSTGRES_URL`, or one of our own."""
    given = os.environ.get(VARIABLE)
    if not given:
        with own_server() as server:
            yield server.postgres
        return
    postgres = Postgres(given)
    try:
        yield postgres
    finally:
        postgres.drop_all()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _fetch(url: str, query: str) -> Any:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def _wait_for(met: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + START_S
    while not met():
        assert time.monotonic() < until, otherwise
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes], number: int) -> None:
    process.send_signal(number)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _url(port: int) -> str:
    return f"postgresql://wenzheng@127.0.0.1:{port}/postgres"


def _apart(work: Any) -> Any:
    """On a loop of its own: whoever asks may be on one already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
