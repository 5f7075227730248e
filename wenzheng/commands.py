"""What each command does, once settings are known; imported only when a command runs."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import ipaddress
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from accounts.model import Account, Department
from accounts.passwords import PASSWORD_MAX, hash_password
from kernel.clock import SystemClock
from kernel.ids import DepartmentId, MonotonicIds, UserId
from kernel.permissions import Role
from kernel.refusals import Refusal
from persistence.store import Store
from wenzheng.bootstrap import check_alarm, check_terms, check_vouching, judges_of, migrate_store, open_node_store
from wenzheng.cli import CommandError
from wenzheng.logs import configure
from wenzheng.place import take_place
from wenzheng.settings import SECRETS, Settings, keys

if TYPE_CHECKING:
    from wenzheng.conformance.verdict import Result

T = TypeVar("T")

PASSWORD_MIN = 8
_DEPARTMENT_ID_MAX = 32
_SLOTS = 8


def serve(asked: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.server import Show, run
    from wenzheng.workers import supervise

    server = settings.server
    given = {"host": asked.host, "port": asked.port, "workers": asked.workers}
    server = dataclasses.replace(server, **{key: value for key, value in given.items() if value is not None})
    settings = dataclasses.replace(settings, server=server)
    if not 0 <= server.port <= 65_535:
        raise CommandError("bad value for --port: not between 0 and 65535")
    _check_workers(settings)
    if (asked.crowd or asked.demo_moderator) and not asked.demo:
        raise CommandError("--crowd and --demo-moderator need --demo")
    if asked.demo and not _loopback(server.host):
        raise CommandError(f"--demo has published passwords and listens on loopback only, not on {server.host}")
    show = Show(demo=asked.demo, crowd=asked.crowd, moderator=asked.demo_moderator)
    place = None
    # A spare is as good as ready: what it waits for is a slot, and everything is loaded by now.
    if asked.worker is not None and (place := take_place(asked.worker)) is None:
        return 0
    check_terms(settings)
    check_vouching(settings)
    judges_of(settings, SystemClock())
    check_alarm(settings)
    configure(settings.log, None if place is None else place.number)
    if place is None and server.workers > 1:
        return supervise(settings, show)
    return run(settings, show, place)


def migrate(_: argparse.Namespace, settings: Settings) -> int:
    configure(settings.log)
    migrate_store(settings)
    print("the store is up to date")
    return 0


def check_config(_: argparse.Namespace, settings: Settings) -> int:
    _check_workers(settings)
    check_terms(settings)
    check_vouching(settings)
    judges_of(settings, SystemClock())
    check_alarm(settings)
    for key, default in keys().items():
        section, _dot, name = key.rpartition(".")
        held = getattr(getattr(settings, section) if section else settings, name)
        if held != default:
            print(f"{key} = {'(set)' if key in SECRETS else _shown(held)}")
    print("the configuration is valid")
    return 0


def department_add(asked: argparse.Namespace, settings: Settings) -> int:
    if not (asked.id.isascii() and asked.id.replace("-", "").isalnum() and len(asked.id) <= _DEPARTMENT_ID_MAX):
        raise CommandError(f"a department's id is letters, digits and hyphens, at most {_DEPARTMENT_ID_MAX}")
    if not asked.name.strip():
        raise CommandError("a department needs a name")

    async def add(store: Store) -> None:
        slot = asked.slot or len(await store.departments()) % _SLOTS + 1
        name = asked.name.strip()
        mark = asked.mark or name.removeprefix("市")[:1]
        department = Department(DepartmentId(asked.id), name, asked.name_en or name, mark, slot)
        await _unless_taken(store.add_department(department), f"there is already a department {asked.id}")

    _with_store(settings, add)
    print(f"department {asked.id} added")
    return 0


def user_add(asked: argparse.Namespace, settings: Settings) -> int:
    role = Role(asked.role)
    if role is Role.RESPONDENT and not asked.department:
        raise CommandError("a respondent answers for a department: --department is missing")
    password = _read_password() if asked.password_stdin else secrets.token_urlsafe(12)

    async def add(store: Store) -> None:
        if asked.department and await store.department(DepartmentId(asked.department)) is None:
            raise CommandError(f"there is no department {asked.department}")
        account = Account(
            id=UserId(MonotonicIds()()),
            username=asked.username,
            name=asked.name or asked.username,
            role=role,
            department=DepartmentId(asked.department) if asked.department else None,
            password_hash=hash_password(password),
        )
        await _unless_taken(store.add_account(account), f"there is already a user {asked.username}")

    _with_store(settings, add)
    print(f"user {asked.username} added" + ("" if asked.password_stdin else f", password {password}"))
    return 0


def export(asked: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.exports import write_transcripts

    async def write(store: Store) -> int:
        if asked.out is None:
            return await write_transcripts(store, asked.room, asked.format, sys.stdout)
        try:
            with asked.out.open("w", encoding="utf-8", newline="") as out:
                return await write_transcripts(store, asked.room, asked.format, out)
        except OSError as fault:
            raise CommandError(f"cannot write {asked.out}: {fault.strerror}") from None

    rooms = _with_store(settings, write)
    print(f"{rooms} rooms exported", file=sys.stderr)
    return 0


def words_list(asked: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.words import listed

    for line in _with_store(settings, lambda store: listed(store, asked)):
        print(line)
    return 0


def words_import(asked: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.words import imported

    print(_with_store(settings, lambda store: imported(store, asked)))
    return 0


def words_export(asked: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.words import exported

    sys.stdout.write(_with_store(settings, lambda store: exported(store, asked)))
    return 0


def words_dry_run(asked: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.words import tried

    for line in _with_store(settings, lambda store: tried(store, asked)):
        print(line)
    return 0


def backup(asked: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.backups import write_backup

    configure(settings.log)
    return write_backup(asked, settings)


def restore(asked: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.backups import read_backup

    configure(settings.log)
    return read_backup(asked, settings)


def renew_epochs(_: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.backups import renew

    configure(settings.log)
    return renew(settings)


def doctor(asked: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.doctor import diagnose

    configure(settings.log)
    return diagnose(settings, as_json=asked.json)


def evidence_verify(_: argparse.Namespace, settings: Settings) -> int:
    from wenzheng.evidence import verify

    code, lines = verify(settings.store_url)
    print("\n".join(lines))
    return code


def conformance(asked: argparse.Namespace, _: Settings) -> int:
    from wenzheng.conformance import command, suite
    from wenzheng.conformance.target import target_of

    try:
        target = target_of(asked.url)
        plan = suite.plan(asked.only, (asked.codec,) if asked.codec else command.CODECS)
        names = {role: getattr(asked, role) for role in ("host", "moderator", "respondent")}
        accounts = command.accounts_of(target, names, os.environ)
        told: Callable[[Result], None] = lambda result: None if asked.json else print(command.line(result), flush=True)
        results = asyncio.run(command.checked(target, accounts, plan, told))
    except (ValueError, command.CannotCheck) as fault:
        raise CommandError(str(fault)) from None
    print(command.as_json(target, results) if asked.json else command.summary(results))
    return int(any(result.problem for result in results))


def rehearse(asked: argparse.Namespace, _: Settings) -> int:
    from wenzheng.rehearsal.command import CannotRehearse, rehearsed

    try:
        return rehearsed(asked, os.environ)
    except CannotRehearse as fault:
        raise CommandError(str(fault)) from None


def _with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    configure(settings.log)

    async def opened() -> T:
        store = await open_node_store(settings, SystemClock())
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(opened())


async def _unless_taken(adding: Awaitable[None], otherwise: str) -> None:
    try:
        await adding
    except Refusal as refusal:
        raise CommandError(otherwise if refusal.code.name == "conflict" else refusal.code.name) from None


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise CommandError(f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters")
    return password


def _check_workers(settings: Settings) -> None:
    if settings.server.workers < 1:
        raise CommandError("bad value for server.workers: at least 1")
    if settings.server.workers == 1:
        return
    if settings.store_url.startswith("sqlite:"):
        raise CommandError("server.workers above 1 is refused on SQLite: one file has one server")
    if not settings.bus.url:
        raise CommandError("server.workers above 1 is refused without a bus: set bus.url")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
