"""`serve` with several workers: what happens once for all of them, and then their supervisor."""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from gateway.engine.listening import ListenError, listen_in_slots
from gateway.engine.server import longest_end_s
from kernel.clock import SystemClock
from wenzheng.bootstrap import migrate_store, open_node_store
from wenzheng.cli import CommandError
from wenzheng.demonstration import announcement, seed
from wenzheng.fleet import Patience
from wenzheng.server import MARGIN_S, Show, shown_origin
from wenzheng.service_manager import tell
from wenzheng.settings import Settings
from wenzheng.signals import cancel_this_task, deafen, on_signals
from wenzheng.supervisor import Supervisor, close_all
from wenzheng.terminal import say

_log = logging.getLogger(__name__)


def supervise(settings: Settings, show: Show) -> int:
    """Serves with `server.workers` processes until SIGTERM or SIGINT, and then answers 0."""
    # uvloop keeps SIGCHLD for itself.
    with asyncio.Runner() as runner:
        try:
            runner.run(_supervise(settings, show))
        except asyncio.CancelledError:
            _log.info("stopped while starting")
        except ListenError as fault:
            raise CommandError(str(fault)) from None
        finally:
            deafen()
    return 0


async def _supervise(settings: Settings, show: Show) -> None:
    async with AsyncExitStack() as back:
        on_signals(cancel_this_task())
        # A handler, not SIG_IGN, which workers would inherit; there is nobody to replace yet.
        signal.signal(signal.SIGHUP, lambda *_: None)

        await asyncio.to_thread(migrate_store, settings)
        listeners = listen_in_slots(settings.server.host, settings.server.port, settings.server.workers)
        back.callback(close_all, listeners)
        origin = shown_origin(settings, listeners[0][0].getsockname()[1])
        welcome = await _prepare(settings, show, origin)

        folder = _meeting_place()
        back.callback(shutil.rmtree, folder, ignore_errors=True)
        patience = Patience(end_s=longest_end_s(settings.times.drain_s) + MARGIN_S)
        supervisor = Supervisor(_same_command, listeners, folder, patience)

        def complete() -> None:
            _log.info("serving", extra={"origin": origin, "workers": settings.server.workers})
            tell("READY=1")
            say(welcome)

        await supervisor.run(complete)


async def _prepare(settings: Settings, show: Show, origin: str) -> str:
    """The demo, once for all workers; what the terminal is told later."""
    clock = SystemClock()
    store = await open_node_store(settings, clock)
    try:
        if show.demo:
            await seed(store, clock)
        return await announcement(store, origin, demo=show.demo)
    finally:
        await store.close()


def _meeting_place() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="wenzheng-"))
    except OSError as fault:
        raise CommandError(f"no temporary folder for the workers to meet in: {fault.strerror}") from None


def _same_command(inherited: str) -> list[str]:
    """As we were started: interpreter, its options, and what was asked."""
    return [sys.executable, *sys.orig_argv[1:], "--worker", inherited]
