"""Carries out what `fleet.py` orders: starts worker processes, places them, hands over, ends them, and hears of them.

`place.py` is the worker's side. The supervisor serves nobody and needs no store, so nothing that visitors do ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wenzheng.cli import CommandError
from wenzheng.fleet import Act, Fleet, Loss, Patience, Worker
from wenzheng.place import OVER, Inheritance
from wenzheng.service_manager import tell, unheard
from wenzheng.signals import ENDING, deafen

_log = logging.getLogger(__name__)

Listeners = Sequence[Sequence[socket.socket]]


def close_all(listeners: Listeners) -> None:
    for listener in (listener for slot in listeners for listener in slot):
        listener.close()


@dataclass(slots=True)
class _Running:
    worker: Worker
    process: subprocess.Popen[bytes]
    control: socket.socket


class Supervisor:
    """Carries out what the fleet orders, and tells it what happened. `command` makes a worker's command line."""

    def __init__(
        self, command: Callable[[str], list[str]], listeners: Listeners, folder: Path, patience: Patience
    ) -> None:
        self._command = command
        self._listeners = listeners
        self._folder = folder
        self._fleet = Fleet(len(listeners), patience)
        self._running: dict[Worker, _Running] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._complete: Callable[[], None] = _nothing
        self._last_code = 0

    async def run(self, complete: Callable[[], None]) -> None:
        """Until told to stop. `complete` is called once, when every slot serves; raises if none can ever start."""
        self._complete = complete
        for wanted in ENDING:
            self._loop.add_signal_handler(wanted, self._stop)
        self._loop.add_signal_handler(signal.SIGHUP, self._roll)
        self._loop.add_signal_handler(signal.SIGCHLD, self._reap)
        try:
            self._step()
            await self._ended.wait()
        finally:
            for wanted in (*ENDING, signal.SIGHUP, signal.SIGCHLD):
                self._loop.remove_signal_handler(wanted)
            deafen()
            for running in self._running.values():
                running.process.kill()
        if self._fleet.hopeless:
            raise CommandError(f"no worker could start: the last one ended with {_told(self._last_code)}")

    # --- what happens -----------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        _log.info("stopping", extra={"workers": len(self._running)})
        tell("STOPPING=1")
        # As with one process: once a worker stops accepting, connections to it are refused, not kept waiting.
        close_all(self._listeners)
        self._fleet.stop(time.monotonic())
        self._step()

    def _roll(self) -> None:
        _log.info("rolling restart")
        self._fleet.roll(time.monotonic())
        self._step()

    def _reap(self) -> None:
        # One SIGCHLD may stand for several ends.
        for running in list(self._running.values()):
            if (code := running.process.poll()) is not None:
                self._gone(running, code)
        self._step()

    def _gone(self, running: _Running, code: int) -> None:
        worker = running.worker
        self._loop.remove_reader(running.control)
        running.control.close()
        del self._running[worker]
        self._last_code = code
        loss = self._fleet.ended(worker, time.monotonic(), code)
        about = {**_about(running), "ended_with": _told(code)}
        if loss is Loss.ROLL:
            _log.error("the rolling restart is given up: the new worker could not start", extra=about)
        elif loss is Loss.REPLACED:
            # That it is hopeless is said at the end, once.
            if not self._fleet.hopeless:
                _log.error("a worker is gone and is replaced", extra=about)
        elif code not in (0, -signal.SIGTERM):
            _log.warning("a worker ended", extra=about)

    def _hear(self, running: _Running) -> None:
        """All that a worker ever says is that it is ready."""
        try:
            heard = running.control.recv(64)
        except BlockingIOError:
            return
        except OSError:
            heard = b""
        if not heard:
            self._loop.remove_reader(running.control)
            return
        was_rolling = self._fleet.rolling
        now = time.monotonic()
        self._fleet.ready(running.worker, now)
        _log.info("a worker is ready", extra={**_about(running), "after_s": round(now - running.worker.since, 2)})
        if was_rolling and not self._fleet.rolling:
            _log.info("every worker is a new one")
        if self._fleet.complete:
            complete, self._complete = self._complete, _nothing
            complete()
        self._step()

    # --- what is done -----------------------------------------------------------------------------------------------

    def _step(self) -> None:
        now = time.monotonic()
        for act, worker in self._fleet.step(now):
            self._carry_out(act, worker)
        if self._timer is not None:
            self._timer.cancel()
        if self._fleet.finished:
            self._ended.set()
        elif (at := self._fleet.next_at()) is not None:
            self._timer = self._loop.call_later(max(0.0, at - now), self._step)

    def _carry_out(self, act: Act, worker: Worker) -> None:
        if act is Act.START:
            self._start(worker)
            return
        if act is Act.LEAVE_OUT:
            self._leave_out(worker)
            return
        running = self._running.get(worker)
        if running is None:
            return
        if act is Act.PLACE:
            self._say(running, b"%d\n" % (worker.slot or 0))
        elif act is Act.HAND_OVER:
            self._say(running, OVER)
        elif act is Act.END:
            running.process.terminate()
        else:
            late = "ready" if worker.told_at is None else "gone"
            _log.error("a worker was not %s in time and is killed", late, extra=_about(running))
            running.process.kill()

    def _start(self, worker: Worker) -> None:
        ours, theirs = socket.socketpair()
        inherited = Inheritance(
            theirs.fileno(),
            tuple(tuple(listener.fileno() for listener in slot) for slot in self._listeners),
            self._folder,
        )
        try:
            # A group of its own: Ctrl+C reaches the supervisor alone, and the workers once.
            process = subprocess.Popen(  # noqa: S603 - our own command line
                self._command(str(inherited)),
                stdin=subprocess.DEVNULL,
                pass_fds=inherited.descriptors,
                env=unheard(os.environ),
                process_group=0,
            )
        except OSError as fault:
            _log.exception("a worker could not be started")
            ours.close()
            self._last_code = fault.errno or 1
            self._fleet.ended(worker, time.monotonic(), -1)
            self._loop.call_soon(self._step)
            return
        finally:
            theirs.close()
        ours.setblocking(False)
        running = self._running[worker] = _Running(worker, process, ours)
        self._loop.add_reader(ours, self._hear, running)
        if worker.slot is not None:
            self._say(running, b"%d\n" % worker.slot)

    def _leave_out(self, worker: Worker) -> None:
        slot = worker.slot or 0
        if any(self._listeners[slot] is other for n, other in enumerate(self._listeners) if n != slot):
            return  # all slots share one socket, and nobody is sent to this one
        _log.warning("connections go to other slots until a worker serves in this one", extra={"worker": slot + 1})
        for listener in self._listeners[slot]:
            # It stays bound, and the next worker's `listen` lets the kernel choose it again.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)

    def _say(self, running: _Running, word: bytes) -> None:
        # It may have died since; its end is told in its own way.
        with contextlib.suppress(OSError):
            running.control.send(word)


def _about(running: _Running) -> dict[str, object]:
    slot = running.worker.slot
    return {"worker": "spare" if slot is None else slot + 1, "pid": running.process.pid}


def _told(code: int) -> str:
    if code >= 0:
        return f"code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _nothing() -> None:
    """Every slot serving is told of once."""
