"""What a worker process has from its supervisor: a control socket, listening sockets, and later a slot.

The supervisor sends the number of the slot, and, when another worker has taken it over, `OVER`. If its end closes, with
or without a word, the worker leaves. The worker sends `READY` when it serves. `supervisor.py` is the other side.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

READY = b"ready\n"
OVER = b"over\n"
_WORD_MAX = 16  # bytes; a slot is one, too


@dataclass(frozen=True, slots=True)
class Inheritance:
    """File descriptors as they are in the child, and the folder in which the workers of this machine meet."""

    control: int
    slots: tuple[tuple[int, ...], ...]
    folder: Path

    @property
    def descriptors(self) -> tuple[int, ...]:
        return (self.control, *dict.fromkeys(listener for slot in self.slots for listener in slot))

    def __str__(self) -> str:
        slots = ";".join(",".join(map(str, slot)) for slot in self.slots)
        return f"{self.control}:{slots}:{self.folder}"

    @classmethod
    def parse(cls, text: str) -> Inheritance:
        """Raises ValueError: nobody but a supervisor should have written this."""
        control, slots, folder = text.split(":", 2)
        return cls(
            int(control), tuple(tuple(int(one) for one in slot.split(",")) for slot in slots.split(";")), Path(folder)
        )


class Place:
    """A worker's slot, from 0; `number` is what people read."""

    def __init__(self, slot: int, slots: int, control: socket.socket, listeners: Sequence[socket.socket], folder: Path):
        self.slot = slot
        self.slots = slots
        self.listeners = listeners
        self.folder = folder
        self._control = control
        self._forsaken = False
        self._leave: Callable[[], object] = lambda: None
        self._told = False

    @property
    def number(self) -> int:
        return self.slot + 1

    def watch(self, longest_end_s: float) -> None:
        """From now on the end of the control socket is noticed. On the loop's thread."""
        self._control.setblocking(False)
        asyncio.get_running_loop().add_reader(self._control, self._heard, longest_end_s)

    def on_leave(self, act: Callable[[], object]) -> None:
        """What to do when told to leave; at once, if that was before."""
        self._leave = act
        if self._told:
            act()

    def say_ready(self) -> None:
        try:
            self._control.send(READY)
        except OSError:
            return  # whoever would hear it is gone, and `_heard` says so

    def close(self) -> None:
        """Workers without a supervisor leave no folder behind."""
        if self._forsaken:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _heard(self, longest_end_s: float) -> None:
        try:
            heard = self._control.recv(_WORD_MAX)
        except BlockingIOError:
            return
        except OSError:
            heard = b""
        asyncio.get_running_loop().remove_reader(self._control)
        self._told, self._forsaken = True, heard != OVER
        # Without a supervisor nobody would end a worker that hangs: the kernel does, whatever the process is at.
        signal.setitimer(signal.ITIMER_REAL, longest_end_s)
        self._leave()


def take_place(inherited: Inheritance) -> Place | None:
    """Waits for a slot. None: there will be none."""
    # Of the terminal it is the supervisor's business, and so is asking for a rolling restart.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    control = socket.socket(fileno=inherited.control)
    try:
        told = control.recv(_WORD_MAX)
    except OSError:
        told = b""
    if not told:
        return None
    slot = int(told)
    mine = inherited.slots[slot]
    for descriptor in inherited.descriptors[1:]:
        if descriptor not in mine:
            os.close(descriptor)
    listeners = [socket.socket(fileno=descriptor) for descriptor in mine]
    return Place(slot, len(inherited.slots), control, listeners, inherited.folder)
