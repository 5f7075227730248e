"""permessage-deflate (RFC 7692) without any memory between messages: what one has cost says nothing of the next.

So a message is compressed once for all who agreed to it, and no socket holds a window in either direction.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from sys import intern
from typing import Final

from websockets.exceptions import InvalidHeaderFormat
from websockets.headers import parse_extension

# A form is what a socket is written in: its codec, or its codec and this.
_SUFFIX: Final = "+deflate"
# Below this a message is hardly shorter, and costs its inflation all the same.
WORTH_BYTES: Final = 256
# Our texts get hardly shorter above it, and a snapshot of a megabyte would hold up the loop for three times as long.
LEVEL: Final = 1

_NAME: Final = "permessage-deflate"
_TAIL: Final = b"\x00\x00\xff\xff"
_RAW: Final = -zlib.MAX_WBITS
_FLAGS: Final = frozenset({"server_no_context_takeover", "client_no_context_takeover"})
_WINDOWS: Final = frozenset(map(str, range(8, 16)))
_AGREED: Final = f"{_NAME}; server_no_context_takeover; client_no_context_takeover"


class TooLong(Exception):
    """It is more than was allowed, packed or not."""


class NotDeflate(Exception):
    """It is no compressed message."""


def form_of(codec: str, *, deflate: bool) -> str:
    # Thousands of sockets share the one string, and are compared by it.
    return intern(codec + _SUFFIX) if deflate else codec


def codec_of(form: str) -> str:
    return intern(form.removesuffix(_SUFFIX))


def is_deflate(form: str) -> bool:
    return form.endswith(_SUFFIX)


def agreed(offers: bytes) -> bytes | None:
    """What answers the first offer that can be taken; None where there is none, and nothing is compressed."""
    try:
        offered = parse_extension(offers.decode("latin-1"))
    except InvalidHeaderFormat:
        return None
    for name, parameters in offered:
        if name == _NAME and (answer := _answer(parameters)) is not None:
            return answer.encode()
    return None


def _answer(parameters: Sequence[tuple[str, str | None]]) -> str | None:
    """To one offer. We keep no context whether asked or not, and every client must live with that (§7.1.1)."""
    if len({name for name, _ in parameters}) < len(parameters):
        return None
    answer = _AGREED
    for name, value in parameters:
        if name in _FLAGS and value is None:
            continue
        if name == "client_max_window_bits" and (value is None or value in _WINDOWS):
            continue
        if name == "server_max_window_bits" and value == "15":
            # Ours is shared, and of one size.
            answer += "; server_max_window_bits=15"
            continue
        return None
    return answer


def deflated(payload: bytes) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _RAW)
    return (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_TAIL)


def inflated(payload: bytes, limit: int) -> bytes:
    """At most `limit` bytes are ever made of it. Raises `TooLong`, `NotDeflate`."""
    unpacker = zlib.decompressobj(_RAW)
    try:
        message = unpacker.decompress(payload + _TAIL, limit + 1)
    except zlib.error as fault:
        raise NotDeflate(str(fault)) from None
    if len(message) > limit:
        raise TooLong
    if unpacker.eof and unpacker.unused_data not in (_TAIL, b"\x00" + _TAIL):
        # A last block may be the end of the message (§7.2.3.4), and nothing comes after the end.
        raise NotDeflate("more than one end")
    return message
