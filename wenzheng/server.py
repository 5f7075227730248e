"""Start-up and shutdown, in the order they happen: what is entered first is left last."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass

import uvloop

from gateway.engine.listening import ListenError
from kernel.clock import SystemClock
from kernel.tasks import spawn
from persistence.migrate import migrate
from persistence.single_server import single_server
from wenzheng.bootstrap import assemble, open_node_store
from wenzheng.cli import CommandError
from wenzheng.settings import Settings

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Between looks at whether the listeners accept yet; uvicorn tells nobody.
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
        except ListenError as fault:
            raise CommandError(str(fault)) from None
    return 0


async def _serve(settings: Settings, show: Show) -> None:
    async with AsyncExitStack() as back:
        with _start_can_be_stopped():
            # One server for one SQLite file; then the tables, as this version knows them.
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            back.enter_context(single_server(settings.store_url))
            await asyncio.to_thread(migrate, settings.store_url)

            clock = SystemClock()
            store = await open_node_store(settings, clock)
            back.push_async_callback(store.close)

            # From here the port is ours; nobody is accepted yet.
            node = await assemble(settings, store, clock, demo=show.demo)
            if show.demo:
                await node.seed()
            await node.live.start()
            back.push_async_callback(node.live.stop)

        guests = spawn(_once_serving(node.server, settings, show, node.crowd), name="demonstration")
        back.push_async_callback(_ended, guests)
        # Until a signal; then sockets are told to go, requests end, and everything above is left in turn.
        await node.server.serve()
