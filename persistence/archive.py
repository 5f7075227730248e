"""The form of a backup: gzip over JSON lines, every table with the digest of its rows, the whole with one of its own.

    {"wenzheng_backup": 1, "schema": "0002", "version": "0.1.0", "engine": "sqlite", "at": 1446339600000}
    {"table": "department", "columns": ["id", "name", …], "binary": []}
    ["price", "市物价局", …]                            one line for each row; columns named in `binary` are base64
    {"end": "department", "rows": 1, "sha256": "…"}      over the row lines of the table
    {"end": null, "tables": 16, "rows": 42, "sha256": "…"}   over everything before this line

Nothing of it is ever in memory but one row. A reader refuses a form it does not know, a digest that differs, and an
archive that stops before its last line.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, cast

import orjson

FORM = 1
# The longest row is a word list: 200,000 terms of 100 characters, deflated, then base64. A longer line is none of ours.
LINE_MAX = 128 * 1024 * 1024
# Half as small again costs four times the time.
_LEVEL = 3


class BadArchive(Exception):
    """What is read is no backup, not a whole one, or not for this version; the message is one line."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where an archive comes from. `at` is in milliseconds, `schema` the revision its rows have the shape of."""

    schema: str
    version: str
    engine: str
    at: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What an archive holds."""

    tables: int
    rows: int
    digest: str


class ArchiveWriter:
    """Writes an archive front to back; `close` makes it whole."""

    def __init__(self, out: IO[bytes], header: Header) -> None:
        # Without name and time, so that the same store gives the same bytes.
        self._out = gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=_LEVEL, mtime=0)
        self._all = hashlib.sha256()
        self._tables = self._rows = 0
        about = {"schema": header.schema, "version": header.version, "engine": header.engine, "at": header.at}
        self._write({"wenzheng_backup": FORM, **about})

    def table(self, name: str, columns: Sequence[str], binary: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """How many rows were written."""
        self._write({"table": name, "columns": list(columns), "binary": list(binary)})
        encoded = [column in binary for column in columns]
        digest, count = hashlib.sha256(), 0
        for row in rows:
            values = [_as_text(value) if is_binary else value for value, is_binary in zip(row, encoded, strict=True)]
            digest.update(self._write(values))
            count += 1
        self._write({"end": name, "rows": count, "sha256": digest.hexdigest()})
        self._tables += 1
        self._rows += count
        return count

    def close(self) -> Sums:
        sums = Sums(self._tables, self._rows, self._all.hexdigest())
        self._write({"end": None, "tables": sums.tables, "rows": sums.rows, "sha256": sums.digest})
        self._out.close()
        return sums

    def _write(self, line: Any) -> bytes:
        encoded = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        self._all.update(encoded)
        self._out.write(encoded)
        return encoded


@dataclass(frozen=True, slots=True)
class Section:
    """One table of an archive; its rows must be read to their end before the next section."""

    name: str
    columns: tuple[str, ...]
    rows: Iterator[list[Any]]


class ArchiveReader:
    """Reads an archive front to back; every error is a `BadArchive`."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = gzip.GzipFile(fileobj=source, mode="rb")
        self._all = hashlib.sha256()
        self._tables = self._rows = 0
        self.sums: Sums | None = None
        self.header = self._header()

    def sections(self) -> Iterator[Section]:
        """Every table in the order it was written, the referred before those that refer; then the sums are checked."""
        while True:
            before = self._all.hexdigest()
            line = self._mapping(self._line())
            if "table" in line:
                yield self._section(line)
                continue
            self._expect(line, {"end": None, "tables": self._tables, "rows": self._rows, "sha256": before}, "")
            if self._read(1):
                raise BadArchive("the archive goes on after its end")
            self.sums = Sums(self._tables, self._rows, before)
            return

    def _header(self) -> Header:
        line = self._mapping(self._line())
        if line.get("wenzheng_backup") != FORM:
            form = line.get("wenzheng_backup")
            raise BadArchive("this is no backup of Wenzheng" if form is None else f"form {form} is not known here")
        try:
            return Header(str(line["schema"]), str(line["version"]), str(line["engine"]), int(line["at"]))
        except (KeyError, TypeError, ValueError):
            raise BadArchive("the archive does not say where it comes from") from None

    def _section(self, line: dict[str, Any]) -> Section:
        name, columns, binary = line["table"], line.get("columns"), line.get("binary")
        if not (isinstance(name, str) and isinstance(columns, list) and isinstance(binary, list)):
            raise BadArchive("the archive names no table where one begins")
        self._tables += 1
        return Section(name, tuple(columns), self._read_rows(name, columns, binary))

    def _read_rows(self, name: str, columns: list[str], binary: list[str]) -> Iterator[list[Any]]:
        encoded = [place for place, column in enumerate(columns) if column in binary]
        digest, count = hashlib.sha256(), 0
        while True:
            line = self._line()
            row = _decoded(line)
            if not isinstance(row, list):
                break
            if len(row) != len(columns):
                raise BadArchive(f"table {name}: a row has not as many values as there are columns")
            digest.update(line)
            for place in encoded:
                row[place] = _as_bytes(row[place])
            count += 1
            yield row
        self._rows += count
        self._expect(self._mapping(line), {"end": name, "rows": count, "sha256": digest.hexdigest()}, f"table {name}: ")

    def _expect(self, line: dict[str, Any], wanted: dict[str, Any], where: str) -> None:
        if line != wanted:
            raise BadArchive(f"{where}the archive is damaged: rows and checksum do not agree")

    def _line(self) -> bytes:
        line = self._read(LINE_MAX + 1)
        if not line.endswith(b"\n"):
            too_long = len(line) > LINE_MAX
            raise BadArchive("the archive has a line that is too long" if too_long else "the archive is cut off")
        self._all.update(line)
        return line

    def _read(self, most: int) -> bytes:
        try:
            return self._source.readline(most)
        except EOFError:
            raise BadArchive("the archive is cut off") from None
        except (OSError, zlib.error):
            raise BadArchive("this is no backup of Wenzheng, or a damaged one") from None

    def _mapping(self, line: bytes) -> dict[str, Any]:
        decoded = _decoded(line)
        if not isinstance(decoded, dict):
            raise BadArchive("the archive is damaged: a row outside a table")
        return cast("dict[str, Any]", decoded)


def _decoded(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise BadArchive("this is no backup of Wenzheng, or a damaged one") from None


def _as_text(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _as_bytes(value: Any) -> bytes | None:
    try:
        return None if value is None else base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise BadArchive("the archive is damaged: a value that should be base64 is not") from None
