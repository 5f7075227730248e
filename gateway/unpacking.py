"""MessagePack that others wrote, read within explicit bounds: clients' messages, and what nodes tell each other."""

from __future__ import annotations

import msgpack


class NotMessagePack(ValueError):
    """What was read is cut short, goes on too long, or claims more than it may have."""


def unpack(payload: bytes, *, arrays: int, maps: int, text: int) -> object:
    """The value in `payload`; bounds are entries of one array and of one map, and bytes of one string.

    Only string keys; no bytes and no extension types. Without bounds a few bytes that claim a long array would make
    the reader reserve megabytes.
    """
    try:
        value: object = msgpack.unpackb(
            payload,
            raw=False,
            strict_map_key=True,
            max_array_len=arrays,
            max_map_len=maps,
            max_str_len=text,
            max_bin_len=0,
            max_ext_len=0,
        )
    except (ValueError, msgpack.exceptions.UnpackException, RecursionError) as fault:
        raise NotMessagePack from fault
    return value
