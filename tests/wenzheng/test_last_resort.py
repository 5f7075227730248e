"""A process whose stop hangs ends with 1 and says on what; one that ends by itself is left alone."""

from __future__ import annotations

import subprocess
import sys

STORY = """
import asyncio, logging, sys
from wenzheng.last_resort import end_by_force_in

async def deaf():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

async def main():
    end_by_force_in({seconds})
    if {hangs}:
        task = asyncio.get_running_loop().create_task(deaf(), name="the deaf one")
        await asyncio.sleep(0)

logging.basicConfig(format="%(message)s %(task)s", stream=sys.stderr) if {hangs} else None
logging.raiseExceptions = False
asyncio.run(main())
"""


def told(*, hangs: bool, seconds: float) -> subprocess.CompletedProcess[str]:
    story = STORY.format(hangs=hangs, seconds=seconds)
    return subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, timeout=30, check=False)


def test_a_stop_that_hangs_is_ended_and_says_on_what() -> None:
    ended = told(hangs=True, seconds=0.3)
    assert ended.returncode == 1
    assert "still waited for the deaf one" in ended.stderr


def test_a_stop_in_time_is_not_disturbed() -> None:
    # It would still have an hour: nobody waits for the one that watches.
    assert told(hangs=False, seconds=3600).returncode == 0
