"""Start-up and shutdown, in the order they happen: what is entered first is left last."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import uvloop
from sqlalchemy.engine import make_url

from gateway.engine.listening import ListenError
from kernel.clock import SystemClock
from kernel.tasks import spawn
from persistence.database_sqlite import sqlite_path
from persistence.single_server import AlreadyServed, ServerLock
from wenzheng.bootstrap import Node, assemble, migrate_store, open_node_store, start_bus
from wenzheng.cli import CommandError
from wenzheng.demonstration import announce, demonstrate, seed
from wenzheng.settings import Settings

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Between looks at whether the listeners accept yet; the server tells nobody.
_STARTED_POLL_S = 0.02

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Show:
    """What a demonstration brings with it: data, citizens who ask, somebody who lets them through."""

    demo: bool = False
    crowd: bool = False
    moderator: bool = False


def run(settings: Settings, show: Show) -> int:
    """Serves until SIGTERM or SIGINT, and then answers 0."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(settings, show))
        except asyncio.CancelledError:
            _log.info("stopped while starting")
        except (ListenError, AlreadyServed) as fault:
            raise CommandError(str(fault)) from None
        finally:
            # Python gives handlers back while it shuts down; a signal that comes then must not become the exit code.
            for wanted in _SIGNALS:
                signal.signal(wanted, signal.SIG_IGN)
    return 0


async def _serve(settings: Settings, show: Show) -> None:
    async with AsyncExitStack() as back:
        _on_signals(_cancel_this_task())

        # One server for one SQLite file; then the tables, as this version knows them.
        back.callback(_lock(settings.store_url))
        await asyncio.to_thread(migrate_store, settings)

        clock = SystemClock()
        store = await open_node_store(settings, clock)
        back.push_async_callback(store.close)

        # From here the port is ours; nobody is accepted yet.
        node = await assemble(settings, store, clock, demo=show.demo)
        _on_signals(node.server.stop)
        if show.demo:
            await seed(store, clock)
        await start_bus(node)
        back.push_async_callback(node.bus.close)
        await node.live.start()
        back.push_async_callback(node.live.close)

        # Until a signal; then sockets are told to go, requests end, and everything above is left in turn.
        welcome = spawn(_welcome(node, settings, show), name="welcome")
        back.push_async_callback(_ended, welcome)
        await node.server.serve()
        _log.info("stopping")


async def _welcome(node: Node, settings: Settings, show: Show) -> None:
    """What happens once the server answers."""
    while not node.server.started:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(_STARTED_POLL_S)
    host = settings.server.host
    origin = settings.server.public_origin or f"http://{f'[{host}]' if ':' in host else host}:{node.server.port}"
    _log.info("serving", extra={"origin": origin})
    await announce(node.services, origin)
    if show.crowd or show.moderator:
        await demonstrate(node.services, moderator=show.moderator)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _lock(url: str) -> Callable[[], None]:
    """Claims a SQLite file for this process, before anything is changed in it; gives the way to let it go."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return lambda: None
    try:
        return ServerLock(sqlite_path(url)).release
    except OSError as fault:
        raise CommandError(f"cannot use {sqlite_path(url).parent}: {fault.strerror}") from None


def _on_signals(act: Callable[[], object]) -> None:
    """While we start and while we close, a signal must neither kill us nor be lost; serving has handlers of its own."""
    for wanted in _SIGNALS:
        signal.signal(wanted, lambda *_: act())


def _cancel_this_task() -> Callable[[], object]:
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    return lambda: loop.call_soon_threadsafe(task.cancel)
