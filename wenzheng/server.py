"""Start-up and shutdown, in the order they happen: what is entered first is left last."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import uvloop
from sqlalchemy.engine import make_url

from gateway.engine.listening import ListenError
from gateway.engine.server import longest_end_s
from gateway.siblings import Siblings
from kernel.clock import SystemClock
from kernel.refusals import Refusal
from kernel.tasks import spawn
from persistence.database_sqlite import sqlite_path
from persistence.single_server import AlreadyServed, ServerLock
from wenzheng.bootstrap import Node, assemble, migrate_store, open_node_store, start_bus, start_words
from wenzheng.cli import CommandError
from wenzheng.demonstration import announcement, demonstrate, seed
from wenzheng.last_resort import end_by_force_in
from wenzheng.place import Place
from wenzheng.service_manager import tell
from wenzheng.settings import Settings
from wenzheng.signals import cancel_this_task, deafen, on_signals
from wenzheng.terminal import say

# Between looks at whether the listeners accept yet; the server tells nobody.
_STARTED_POLL_S = 0.02
_STORE_POLL_S = 0.1
# After the server itself has ended: the live room, the store.
MARGIN_S = 5.0
# However long what is left takes: longer than the store gives a command, and shorter than a service manager waits.
LAST_S = 20.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Show:
    """What a demonstration brings with it: data, citizens who ask, somebody who lets them through."""

    demo: bool = False
    crowd: bool = False
    moderator: bool = False


def run(settings: Settings, show: Show, place: Place | None = None) -> int:
    """Serves until SIGTERM or SIGINT, and then answers 0. With a place as one of several workers."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(settings, show, place))
        except asyncio.CancelledError:
            _log.info("stopped while starting")
        except (ListenError, AlreadyServed) as fault:
            raise CommandError(str(fault)) from None
        finally:
            deafen()
    return 0


async def _serve(settings: Settings, show: Show, place: Place | None) -> None:
    async with AsyncExitStack() as back:
        on_signals(cancel_this_task())

        # What happens once for all workers their supervisor has done: the tables, the demo, the port.
        if place is not None:
            place.on_leave(cancel_this_task())
            place.watch(longest_end_s(settings.times.drain_s) + MARGIN_S)
            back.callback(place.close)
        else:
            # One server for one SQLite file; then the tables, as this version knows them.
            back.callback(_lock(settings.store_url))
            await asyncio.to_thread(migrate_store, settings)

        clock = SystemClock()
        store = await open_node_store(settings, clock)
        back.push_async_callback(store.close)

        # From here the port is ours; nobody is accepted yet.
        node = await assemble(settings, store, clock, demo=show.demo, listeners=place.listeners if place else ())
        on_signals(node.server.stop)
        if place is not None:
            place.on_leave(node.server.leave)
            node.services.siblings = Siblings(place.folder, place.slot, place.slots)
        elif show.demo:
            await seed(store, clock)
        back.push_async_callback(node.words.close)
        await start_words(node, settings)
        await start_bus(node)
        back.push_async_callback(node.bus.close)
        await node.live.start()
        back.push_async_callback(node.live.close)
        if node.sharing is not None:
            await node.sharing.start(node.live.hub)
            back.push_async_callback(node.sharing.close)
        node.services.review.shifts.start()
        back.push_async_callback(node.services.review.shifts.close)
        node.calming.start()
        back.push_async_callback(node.calming.close)
        node.retention.start()
        back.push_async_callback(node.retention.close)
        node.lapsing.start()
        back.push_async_callback(node.lapsing.close)
        node.sightings.start()
        back.push_async_callback(node.sightings.close)
        node.following.start()
        back.push_async_callback(node.following.close)

        # Until a signal; then sockets are told to go, requests end, and everything above is left in turn.
        welcome = spawn(_welcome(node, settings, show, place), name="welcome")
        back.push_async_callback(_ended, welcome)
        await node.server.serve()
        _log.info("stopping")
        end_by_force_in(LAST_S)


async def _welcome(node: Node, settings: Settings, show: Show, place: Place | None) -> None:
    """What happens once the server answers."""
    while not node.server.started:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(_STARTED_POLL_S)
    origin = shown_origin(settings, node.server.port)
    _log.info("serving", extra={"origin": origin})
    if place is None:
        tell("READY=1")
        say(await announcement(node.services.store, origin, demo=show.demo))
    else:
        await _ready(node)
        if node.services.siblings is not None:
            node.services.siblings.take_over()
        place.say_ready()
    # One crowd is enough, whichever worker its posts are then shown by.
    if (show.crowd or show.moderator) and (place is None or place.slot == 0):
        await demonstrate(node.services, moderator=show.moderator)


async def _ready(node: Node) -> None:
    """As `/readyz` means it. While the store is silent the one before us, if there is one, is as good as we are."""
    while True:
        try:
            await node.services.store.ping()
        except Refusal:
            await asyncio.sleep(_STORE_POLL_S)
        else:
            return


def shown_origin(settings: Settings, port: int) -> str:
    """Where people find us, as far as we know."""
    host = settings.server.host
    return settings.server.public_origin or f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def _ended(task: asyncio.Task[None]) -> None:
    """If it has failed, that is logged; the end of the server is none the worse for it."""
    task.cancel()
    await asyncio.wait([task])


def _lock(url: str) -> Callable[[], None]:
    """Claims a SQLite file for this process, before anything is changed in it; gives the way to let it go."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return lambda: None
    try:
        return ServerLock(sqlite_path(url)).release
    except OSError as fault:
        raise CommandError(f"cannot use {sqlite_path(url).parent}: {fault.strerror}") from None
