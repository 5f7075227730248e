"""The form of a backup: what was written is read again, and nothing that is damaged, cut or foreign passes."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from typing import Any

import pytest

from moderation.wordlist import TERM_LENGTH_MAX, TERMS_MAX
from persistence.archive import LINE_MAX, ArchiveReader, ArchiveWriter, BadArchive, Header

HEADER = Header("0002", "0.1.0", "sqlite", 1_446_339_600_000)
ROWS: list[list[Any]] = [["p1", "起步价为什么是 3 元？", b"\x00salt", None], ["p2", "", None, 9_007_199_254_740_991]]


def written(rows: list[list[Any]] | None = None) -> bytes:
    out = io.BytesIO()
    archive = ArchiveWriter(out, HEADER)
    archive.table("post", ["id", "body", "salt", "seq"], ["salt"], ROWS if rows is None else rows)
    archive.table("vote", ["post_id"], [], [])
    archive.close()
    return out.getvalue()


def read(data: bytes) -> tuple[ArchiveReader, dict[str, list[list[Any]]]]:
    archive = ArchiveReader(io.BytesIO(data))
    return archive, {section.name: list(section.rows) for section in archive.sections()}


def relined(change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    return gzip.compress(b"".join(change(gzip.decompress(written()).splitlines(keepends=True))))


def test_a_line_without_end_is_read_so_far_and_no_farther(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("persistence.archive.LINE_MAX", 1_000)
    with pytest.raises(BadArchive, match="too long"):
        read(relined(lambda lines: [lines[0], b"[" * 9_000, *lines[1:]]))


def test_the_longest_word_list_is_a_line_of_an_archive() -> None:
    utf8, base64 = 4, 4 / 3
    assert TERMS_MAX * TERM_LENGTH_MAX * utf8 * base64 < LINE_MAX


def test_what_is_written_is_read_again() -> None:
    archive, tables = read(written())
    assert archive.header == HEADER
    assert tables == {"post": ROWS, "vote": []}
    assert archive.sums is not None
    assert (archive.sums.tables, archive.sums.rows) == (2, 2)


def test_the_same_rows_give_the_same_bytes() -> None:
    assert written() == written()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.99])
def test_a_cut_archive_is_refused(share: float) -> None:
    data = written()
    with pytest.raises(BadArchive):
        read(data[: int(len(data) * share)])


def test_one_changed_byte_anywhere_is_refused() -> None:
    lines = gzip.decompress(written()).splitlines(keepends=True)
    whole = b"".join(lines)
    for place in range(0, len(whole) - 1, 7):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        with pytest.raises(BadArchive):
            read(gzip.compress(bytes(damaged), compresslevel=1))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda lines: lines[:2] + lines[3:], id="a row is gone"),
        pytest.param(lambda lines: [*lines[:3], lines[2], *lines[3:]], id="a row is there twice"),
        pytest.param(lambda lines: lines[:2] + lines[3:1:-1] + lines[4:], id="two rows changed places"),
        pytest.param(lambda lines: [lines[0], *lines[5:]], id="a table is gone"),
        pytest.param(lambda lines: lines[:-1], id="the last line is gone"),
        pytest.param(lambda lines: [*lines, lines[-1]], id="it goes on"),
        pytest.param(lambda lines: lines[1:], id="it has no header"),
        pytest.param(lambda lines: [lines[0].replace(b'backup":1', b'backup":2'), *lines[1:]], id="another form"),
    ],
)
def test_what_was_taken_out_or_put_in_is_found(change: Callable[[list[bytes]], list[bytes]]) -> None:
    with pytest.raises(BadArchive):
        read(relined(change))


@pytest.mark.parametrize(
    "data",
    [b"", b"SQLite format 3\x00", gzip.compress(b"hello", mtime=0), gzip.compress(b'{"a":1}\n', mtime=0)],
    ids=["nothing", "a database", "no archive", "no header"],
)
def test_what_is_no_backup_is_refused(data: bytes) -> None:
    with pytest.raises(BadArchive):
        read(data)
