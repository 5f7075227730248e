"""`wenzheng backup` and `wenzheng restore`: files that only their owner may read, whole or not there at all."""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TypeVar

from kernel.clock import SystemClock
from persistence.archive import BadArchive, Header, Sums
from persistence.backup import back_up
from persistence.looking import FAULTS, NoStore, reason
from persistence.restore import NotRestored, check, renew_all_epochs, restore
from persistence.single_server import AlreadyServed
from wenzheng import __version__
from wenzheng.cli import CommandError
from wenzheng.settings import Settings

T = TypeVar("T")


def write_backup(asked: argparse.Namespace, settings: Settings) -> int:
    """The archive appears under its name when it is whole and on the disk."""
    path: Path = asked.file
    if path.exists():
        raise CommandError(f"{path} is there already")
    with _new_file(path) as out:
        header, sums = _told(lambda: back_up(settings.store_url, out, version=__version__, at=SystemClock().now_ms()))
    print(f"{path}: {_size(path.stat().st_size)}, {_held(header, sums)}")
    return 0


def read_backup(asked: argparse.Namespace, settings: Settings) -> int:
    """With `--check` the archive is read to its end and the store is not touched."""
    path: Path = asked.file
    try:
        source = path.open("rb")
    except OSError as fault:
        raise CommandError(f"cannot read {path}: {fault.strerror}") from None
    with source:
        if asked.check:
            archive, sums = _told(lambda: check(source))
            print(f"{path}: whole; {_held(archive.header, sums)}")
            return 0
        sums = _told(lambda: restore(settings.store_url, source, replace=asked.replace))
    print(f"restored: {sums.tables} tables, {sums.rows} rows; every lane has a new epoch, staff sign in again")
    return 0


def renew(settings: Settings) -> int:
    """After a restore by the database's own tools."""
    _told(lambda: renew_all_epochs(settings.store_url))
    print("every lane has a new epoch")
    return 0


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file of mode 0600 that takes its name once it is complete; otherwise nothing is left of it."""
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as fault:
        raise CommandError(f"cannot write {path}: {fault.strerror}") from None
    made = Path(name)
    try:
        with os.fdopen(number, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        made.rename(path)
        _sync_folder(path.parent)
    except OSError as fault:
        raise CommandError(f"cannot write {path}: {fault.strerror}") from None
    finally:
        made.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """A name is durable when its folder is."""
    number = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems have no such call for folders
            os.fsync(number)
    finally:
        os.close(number)


def _told(work: Callable[[], T]) -> T:
    """One line for whatever went wrong, and never the database's own words: they quote rows."""
    try:
        return work()
    except (BadArchive, NoStore, NotRestored, AlreadyServed) as fault:
        raise CommandError(str(fault)) from None
    except FAULTS as fault:
        raise CommandError(f"the store cannot be used: {reason(fault)}; `wenzheng doctor` says more") from None
    except RuntimeError as fault:
        raise CommandError(str(fault)) from None


def _held(header: Header, sums: Sums) -> str:
    at = datetime.fromtimestamp(header.at / 1000, UTC)
    return (
        f"{sums.tables} tables, {sums.rows} rows of {header.engine} at {at:%Y-%m-%d %H:%M:%S} UTC, "
        f"schema {header.schema}, sha256 {sums.digest}"
    )


def _size(count: int) -> str:
    return f"{count / 1024:.0f} KiB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MiB"
