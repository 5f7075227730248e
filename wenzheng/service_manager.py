"""Tells systemd how far we are (`Type=notify`), where it is the one that started us; otherwise nobody."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping

_log = logging.getLogger(__name__)


_VARIABLE = "NOTIFY_SOCKET"


def unheard(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` for a child that is not to speak for us: of several workers their supervisor tells."""
    return {name: value for name, value in environ.items() if name != _VARIABLE}


def tell(state: str) -> None:
    """`READY=1` once the listeners accept, `STOPPING=1` when the drain begins. A failure is logged, never raised."""
    address = os.environ.get(_VARIABLE, "")
    if not address:
        return
    if address.startswith("@"):  # the abstract name space begins with a zero byte
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.setblocking(False)
            line.sendto(state.encode(), address)
    except OSError as fault:
        _log.warning("the service manager does not listen: %s", fault.strerror)
