"""What leaves: WebSocket frames of the server's side (never masked, never split), built once and shared."""

from __future__ import annotations

_TEXT = 0x81
# RSV1: compressed (RFC 7692 §6).
_PACKED = 0x40
_BINARY = 0x82
_CLOSE = 0x88
_PONG = 0x8A
# A control frame carries 125 bytes; a close code takes two of them.
_REASON_MAX = 123


def frame_text(payload: bytes) -> bytes:
    """One whole text message; `payload` is UTF-8 already."""
    return _framed(_TEXT, payload)


def frame_binary(payload: bytes) -> bytes:
    """One whole binary message."""
    return _framed(_BINARY, payload)


def frame_deflated(payload: bytes, *, binary: bool) -> bytes:
    """One whole message that is compressed already; only for sockets that agreed to it."""
    return _framed((_BINARY if binary else _TEXT) | _PACKED, payload)


def frame_pong(payload: bytes) -> bytes:
    """The answer to a ping; a parser has seen to it that `payload` is no longer than 125 bytes."""
    return _framed(_PONG, payload)


def frame_close(code: int, reason: str = "") -> bytes:
    """A close frame; a reason too long for it is cut between two characters. Code 1005 stands for "none given"."""
    if code == 1005:
        return _framed(_CLOSE, b"")
    text = reason.encode("utf-8", "replace")[:_REASON_MAX].decode("utf-8", "ignore").encode()
    return _framed(_CLOSE, code.to_bytes(2, "big") + text)


def _framed(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload
