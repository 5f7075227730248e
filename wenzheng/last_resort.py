"""A stop that does not come to its end: says what is still waited for, and ends the process all the same."""

from __future__ import annotations

import asyncio
import logging
import os
import threading

_log = logging.getLogger(__name__)


def end_by_force_in(seconds: float) -> None:
    """From a thread of its own: what hangs may be the loop itself. A process that has ended by then notices nothing.

    Everything acknowledged is stored already (contract, C1), so what is cut off here was promised to nobody.
    """
    timer = threading.Timer(seconds, _end, (asyncio.get_running_loop(),))
    timer.daemon = True
    timer.start()


def _end(loop: asyncio.AbstractEventLoop) -> None:
    try:
        for task in asyncio.all_tasks(loop):
            stack = task.get_stack(limit=1)
            at = f"{stack[0].f_code.co_filename}:{stack[0].f_lineno}" if stack else "nowhere"
            _log.error("still waited for", extra={"task": task.get_name(), "at": at})
        _log.error("the stop did not end in time")
        logging.shutdown()
    finally:
        os._exit(1)
