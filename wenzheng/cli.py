"""The command line: what can be asked, and one clear line for whatever goes wrong."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias

from kernel.permissions import STAFF
from kernel.refusals import Refusal
from wenzheng import __version__
from wenzheng.place import Inheritance
from wenzheng.settings import Settings, SettingsError, load
from wenzheng.terminal import nobody_reads


class CommandError(Exception):
    """Ends a command; the message is the one line its caller reads."""


class Parser(argparse.ArgumentParser):
    """Says in one line what it could not understand; how it is asked for stands under `--help`."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 1 for what a command could not do, 2 for what could not be understood."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.run == "moderation_check":
            # Needs no setting and no store, and is often started for a handful of lines.
            from wenzheng.moderation_check import check

            return check(asked)
        return _run(asked, load(asked.config, os.environ))
    except (CommandError, SettingsError) as fault:
        return _fail(str(fault))
    except Refusal as refusal:
        return _fail(f"refused: {refusal.code.name}" + (f" ({refusal.field})" if refusal.field else ""))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has had enough; there is nobody left to tell.
        nobody_reads()
        return 0


def _run(asked: argparse.Namespace, settings: Settings) -> int:
    # Imported here: `--help` and a refused setting must not wait for the whole server to load.
    from wenzheng import commands

    code: int = getattr(commands, asked.run)(asked, settings)
    return code


def _fail(line: str) -> int:
    print(f"wenzheng: {' '.join(line.split())}", file=sys.stderr)
    return 1


def _parser() -> Parser:
    parser = Parser(prog="wenzheng", description="Live online Q&A rooms for a city.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"wenzheng {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    shared = Parser(add_help=False, allow_abbrev=False)
    shared.add_argument("--config", type=Path, metavar="FILE", help="instead of config.toml in this folder")
    _serve(commands, shared)
    _command(commands, shared, "migrate", "brings the store's tables up to date")
    _command(commands, shared, "check-config", "says which settings are wrong, or which differ from the defaults")
    _department(commands, shared)
    _user(commands, shared)
    _export(commands, shared)
    _backup(commands, shared)
    doctor = _command(commands, shared, "doctor", "looks at settings, store and machine, and says what to do")
    doctor.add_argument("--json", action="store_true", help="one object instead of lines; the exit code is the same")
    _conformance(commands, shared)
    _rehearse(commands, shared)
    _moderation(commands, shared)
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def _command(commands: Commands, shared: Parser, name: str, does: str) -> Parser:
    parser: Parser = commands.add_parser(name, help=does, description=does, parents=[shared], allow_abbrev=False)
    parser.set_defaults(run=name.replace("-", "_"))
    return parser


def _serve(commands: Commands, shared: Parser) -> None:
    serve = _command(commands, shared, "serve", "runs the server until SIGTERM or SIGINT")
    serve.add_argument("--host", metavar="H", help="server.host")
    serve.add_argument("--port", metavar="P", type=int, help="server.port")
    serve.add_argument("--workers", metavar="N", type=int, help="server.workers")
    serve.add_argument("--demo", action="store_true", help="seeds an empty store with a demo room; loopback only")
    serve.add_argument("--crowd", action="store_true", help="with --demo: simulated citizens ask in the demo room")
    serve.add_argument("--demo-moderator", action="store_true", help="as --crowd, and a simulated moderator decides")
    # What a supervisor hands to its workers; nobody types it.
    serve.add_argument("--worker", type=Inheritance.parse, help=argparse.SUPPRESS)


def _department(commands: Commands, shared: Parser) -> None:
    group = commands.add_parser("department", help="the organs that answer", allow_abbrev=False)
    add = _command(group.add_subparsers(metavar="COMMAND", required=True), shared, "add", "adds a department")
    add.set_defaults(run="department_add")
    add.add_argument("id", help="short and permanent, as in addresses: price")
    add.add_argument("name", help="市物价局")
    add.add_argument("--name-en", default="", help="Price Bureau")
    add.add_argument("--mark", default="", help="the one character of its badge; the default is taken from the name")
    add.add_argument("--slot", type=int, choices=range(1, 9), metavar="1-8", help="its colour and shape on screen")


def _user(commands: Commands, shared: Parser) -> None:
    group = commands.add_parser("user", help="accounts of staff", allow_abbrev=False)
    add = _command(group.add_subparsers(metavar="COMMAND", required=True), shared, "add", "adds an account")
    add.set_defaults(run="user_add")
    roles = sorted(role.value for role in STAFF)
    add.add_argument("username")
    add.add_argument("--name", help="shown beside what they write; the default is the username")
    add.add_argument("--role", required=True, choices=roles, metavar="ROLE", help=", ".join(roles))
    add.add_argument("--department", metavar="ID", help="for respondents")
    add.add_argument(
        "--password-stdin", action="store_true", help="reads the password from standard input; otherwise one is made"
    )


def _export(commands: Commands, shared: Parser) -> None:
    export = _command(commands, shared, "export", "writes the public record: transcripts with redactions applied")
    export.add_argument("--room", metavar="ID", help="one room; the default is every room")
    export.add_argument("--format", choices=("json", "csv", "md"), default="json", help="json: one room a line")
    export.add_argument("--out", type=Path, metavar="FILE", help="instead of standard output")


def _words(commands: Commands, shared: Parser) -> None:
    words = commands.add_parser("words", help="the lists of terms in the store", allow_abbrev=False)
    asked = words.add_subparsers(metavar="COMMAND", required=True)
    listing = _command(asked, shared, "list", "says which lists there are, or the versions of one")
    taking = _command(asked, shared, "import", "publishes a file, text or CSV, as the next version of a list")
    giving = _command(asked, shared, "export", "writes a list as CSV, or its terms as text")
    trying = _command(asked, shared, "dry-run", "says what a file would have held, refused and let through")
    for parser, run in ((listing, "list"), (taking, "import"), (giving, "export"), (trying, "dry_run")):
        parser.set_defaults(run=f"words_{run}")
        parser.add_argument("--room", metavar="ID", help="the list of one room; the default is the city's")
    for parser in (taking, trying):
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="one term a line, or CSV: term,category,action,match"
        )
        parser.add_argument("--exceptions", type=Path, metavar="FILE", help="one a line; without it they stay")
    taking.add_argument("--reason", required=True, metavar="WHY", help="kept with the version")
    trying.add_argument("--n", type=int, default=1000, metavar="N", help="the newest texts to try; 1000")
    giving.add_argument("--format", choices=("csv", "txt"), default="csv")
    giving.add_argument("--version", type=int, metavar="N", help="the default is the newest")
    listing.add_argument("--versions", action="store_true", help="who changed it when and why")


def _backup(commands: Commands, shared: Parser) -> None:
    backup = _command(commands, shared, "backup", "writes the whole store into one file while the server runs")
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file, for its owner only: it holds everything")
    restore = _command(commands, shared, "restore", "fills an empty store from a backup, on either database")
    restore.add_argument("file", type=Path, metavar="FILE", help="what `wenzheng backup` wrote")
    restore.add_argument("--replace", action="store_true", help="deletes what the store holds; servers must be stopped")
    restore.add_argument("--check", action="store_true", help="only reads the file and compares its checksums")
    _command(commands, shared, "renew-epochs", "after a restore by the database's own tools: clients start afresh")


def _conformance(commands: Commands, shared: Parser) -> None:
    check = _command(commands, shared, "conformance", "checks the protocol of a server, at whatever address")
    check.add_argument("url", metavar="URL", help="http://127.0.0.1:8000; makes rooms of its own there and closes them")
    check.add_argument("--only", action="append", default=[], metavar="NAME", help="one check, or a group: lanes")
    check.add_argument("--codec", choices=("json", "msgpack"), help="the default is both")
    check.add_argument("--json", action="store_true", help="one JSON object in place of lines")
    for role in ("host", "moderator", "respondent"):
        check.add_argument(f"--{role}", metavar="NAME", help=f"the account of a {role}; the default is the demo's")
    check.epilog = "Passwords: CONFORMANCE_PASSWORD, or CONFORMANCE_HOST_PASSWORD and so on, in the environment."


def _rehearse(commands: Commands, shared: Parser) -> None:
    does = "puts a load on a server, at whatever address, and times it: who watches, who asks, a moderator who approves"
    load = _command(commands, shared, "rehearse", does)
    load.add_argument("url", metavar="URL", help="http://127.0.0.1:8000")
    load.add_argument("--viewers", type=int, default=1000, metavar="N", help="who watch; 1000")
    load.add_argument("--posters", type=int, default=20, metavar="M", help="guests who ask, in turn; 20")
    load.add_argument(
        "--rooms", type=int, default=1, metavar="R", help="made for the rehearsal and closed behind it; 1"
    )
    load.add_argument(
        "--room", action="append", default=[], metavar="ID", help="a room that is live, in place of --rooms"
    )
    load.add_argument("--seconds", type=float, default=60.0, metavar="S", help="how long is asked; 60")
    load.add_argument("--rate", type=float, metavar="Q", help="questions a second; one in 10 s from each who asks")
    load.add_argument("--arrivals", type=int, default=200, metavar="V", help="viewers who come in a second; 200")
    for name, default, what in (
        ("join", 2000, "from connecting to the room on screen"),
        ("queued", 500, "from asking to its answer"),
        ("screen", 1000, "from the moderator's word to each viewer"),
        ("page", 1000, "the room's page over HTTP"),
    ):
        load.add_argument(f"--{name}-ms", type=int, default=default, metavar="MS", help=f"{what}: p99; {default}")
    for role in ("moderator", "host"):
        load.add_argument(f"--{role}", metavar="NAME", help=f"the account of a {role}; the default is the demo's")
    load.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    load.add_argument("--yes-i-run-this-server", action="store_true", help="for an address that is not this machine's")
    load.epilog = "Passwords: REHEARSAL_PASSWORD, or REHEARSAL_HOST_PASSWORD and so on, or asked for on a terminal."


def _moderation(commands: Commands, shared: Parser) -> None:
    group = commands.add_parser("moderation", help="word lists, and what moderation would say", allow_abbrev=False)
    kinds = group.add_subparsers(metavar="COMMAND", required=True)
    _words(kinds, shared)
    evidence = kinds.add_parser("evidence", help="what was refused or hidden, under seal", allow_abbrev=False)
    verify = _command(
        evidence.add_subparsers(metavar="COMMAND", required=True), shared, "verify", "checks every chain of seals"
    )
    verify.set_defaults(run="evidence_verify")
    check = kinds.add_parser(
        "check",
        help="judges texts from standard input, one verdict a line",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Reads a text a line from standard input and prints one JSON object for each, in order, at once:\n"
        '{"verdict": "admit|hold|refuse", "reasons": [{"phase", "category", "term", "from", "to"}]}\n'
        "Places are counted in characters, `to` is the first one after. Pace, earlier posts and outside judges play\n"
        "no part.",
        epilog="A line that is a JSON object with a string `body` is judged by that body; any other line is the text\n"
        "itself. A line that could be no post (blank, not UTF-8, over 16 MiB) gets verdict refuse and an `error`.",
    )
    check.set_defaults(run="moderation_check")
    check.add_argument(
        "--terms", type=Path, required=True, metavar="FILE", help="a term a line, or CSV: term,category,action,match"
    )
    check.add_argument(
        "--policy", type=Path, metavar="FILE", help="a room's policy, TOML or JSON; without it nothing is premoderated"
    )


if __name__ == "__main__":
    sys.exit(main())
