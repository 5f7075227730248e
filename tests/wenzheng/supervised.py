"""A supervisor whose workers do hardly anything, so that they live and die quickly; run by `test_supervisor.py`.

A worker tells whoever connects its slot. What it is like is the first argument.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

from gateway.engine.listening import listen_in_slots
from wenzheng.cli import CommandError
from wenzheng.fleet import Patience
from wenzheng.logs import configure
from wenzheng.place import Inheritance, take_place
from wenzheng.settings import LogSettings
from wenzheng.supervisor import Supervisor, close_all

END_S = 1.0


async def supervise(kind: str, slots: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="wenzheng-test-"))
    listeners = listen_in_slots("127.0.0.1", 0, slots)
    say(listeners[0][0].getsockname()[1], folder)

    def command(inherited: str) -> list[str]:
        return [sys.executable, "-m", "tests.wenzheng.supervised", kind, inherited]

    def forget() -> None:
        close_all(listeners)
        say("forgotten")

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, forget)
    try:
        patience = Patience(end_s=END_S, pause_s=0.1, deaf_s=0.1)
        await Supervisor(command, listeners, folder, patience).run(lambda: say("complete"))
    finally:
        close_all(listeners)
        shutil.rmtree(folder)


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def work(kind: str, inherited: Inheritance) -> int:
    if kind == "hopeless":
        sys.stderr.write("this is why\n")
        return 1
    if kind == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if (place := take_place(inherited)) is None:
        return 0
    if kind == "halved" and place.slot == 1 and not (place.folder / "mended").exists():
        return 1

    async def serve() -> None:
        loop, leave = asyncio.get_running_loop(), asyncio.Event()
        if kind != "deaf":
            loop.add_signal_handler(signal.SIGTERM, leave.set)
        place.on_leave(leave.set)
        place.watch(END_S)
        for listener in place.listeners:
            listener.listen()  # it may have been shut while nobody served here
            listener.setblocking(False)
            loop.add_reader(listener, tell, listener, place.slot)
        place.say_ready()
        await leave.wait()
        for listener in place.listeners:
            loop.remove_reader(listener)

    asyncio.run(serve())
    place.close()
    return 0


def tell(listener: socket.socket, slot: int) -> None:
    """In one step, so that nobody is accepted and not answered."""
    with contextlib.suppress(BlockingIOError):
        visitor, _ = listener.accept()
        with visitor:
            visitor.sendall(b"%d\n" % slot)


def main() -> int:
    _, kind, what = sys.argv
    if not what.isdecimal():
        return work(kind, Inheritance.parse(what))
    configure(LogSettings(format="json"))
    try:
        asyncio.run(supervise(kind, int(what)))
    except CommandError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
