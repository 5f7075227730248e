"""Transcripts of one room or of all, written as they are read: never more than one in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import IO

import orjson

from kernel.ids import RoomId
from persistence.exporting import Exportable, export_lines, to_csv, to_markdown


async def write_transcripts(store: Exportable, room: str | None, wanted: str, out: IO[str]) -> int:
    """How many rooms were written. JSON is one room a line; CSV repeats its header for each room."""
    render = {"csv": to_csv, "md": to_markdown}.get(wanted)
    written = 0
    async for line in _lines(store, room):
        text = line.decode() if render is None else render(orjson.loads(line))
        if written and render is not None:
            out.write("\n")
        out.write(text)
        written += 1
    out.flush()
    return written


async def _lines(store: Exportable, room: str | None) -> AsyncIterator[bytes]:
    if room is None:
        async for line in export_lines(store):
            yield line
    else:
        yield orjson.dumps(await store.transcript(RoomId(room)), option=orjson.OPT_APPEND_NEWLINE)
