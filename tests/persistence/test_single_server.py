"""One server to a SQLite file, and any number of tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from persistence.database_sqlite import sqlite_path
from persistence.single_server import AlreadyServed, ServerLock
from persistence.store import open_store

pytestmark = pytest.mark.anyio

HOLDER = "import sys; from pathlib import Path; from persistence.single_server import ServerLock; \
lock = ServerLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"


async def test_a_second_server_is_refused_and_a_tool_is_not(sqlite_url: str) -> None:
    server = await open_store(sqlite_url, server=True)
    with pytest.raises(AlreadyServed, match="pid"):
        await open_store(sqlite_url, server=True)
    tool = await open_store(sqlite_url)
    await tool.departments()
    await tool.close()
    await server.close()
    again = await open_store(sqlite_url, server=True)
    await again.close()


def test_the_lock_ends_with_its_process_however_that_ends(sqlite_url: str) -> None:
    path = sqlite_path(sqlite_url)
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyServed, match=str(holder.pid)):
            ServerLock(path)
        holder.kill()
    ServerLock(path).release()
