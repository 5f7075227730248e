"""The floor as a process: what every ratio is taken against, in the same run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from bench.crowd import Crowd
from bench.machine import cores, on_core, programs
from bench.waiting import until_it_listens
from tests.services.server import free_port

# What one question of the product takes on the socket, its frame included.
ITEM_BYTES = 370


@contextmanager
def floor() -> Iterator[Crowd]:
    """A crowd at a floor of its own, with its publisher."""
    port = free_port()
    with on_core(cores()[0]):
        process = subprocess.Popen([programs()["floor"], str(port)])
    try:
        until_it_listens(port, process)
        with Crowd(port, [process.pid], item_bytes=ITEM_BYTES) as crowd:
            crowd.publishers(1)
            yield crowd
    finally:
        process.kill()
        process.wait()
