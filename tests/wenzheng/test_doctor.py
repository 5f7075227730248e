"""`wenzheng doctor` on real stores, in both forms: a line for each finding, and 1 when anything fails."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from persistence.migrate import migrate
from tests.services.postgres import Postgres
from tests.services.redis import Redis
from tests.wenzheng.test_cli import Command, command, here
from wenzheng.demo import DEMO_USERS

__all__ = ["command", "here"]


def asked(command: Command) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the findings by their names; both forms agree."""
    code, out, errors = command("doctor", "--json")
    assert errors == ""
    told = json.loads(out)
    lines_code, lines, _ = command("doctor")
    assert lines_code == code
    for check in told["checks"]:
        shown = check["status"].upper() if check["status"] != "ok" else "ok"
        assert f"{shown:4}  {check['name']}: " in lines
    assert (code == 1) == (told["status"] == "fail")
    return code, {check["name"]: check for check in told["checks"]}


def test_before_the_first_start_nothing_is_made(command: Command, here: Path) -> None:
    code, found = asked(command)
    assert code == 0
    assert found["schema"]["status"] == "warn"
    assert list(here.iterdir()) == []


def test_a_new_store_is_well(command: Command, here: Path) -> None:
    here.chmod(0o700)
    assert command("migrate")[0] == 0
    code, found = asked(command)
    assert code == 0
    assert {found[name]["status"] for name in ("store", "schema", "durability", "data folder", "passwords")} == {"ok"}


def test_demo_data_is_found_by_its_password(command: Command, sqlite_template: Path, here: Path) -> None:
    shutil.copyfile(sqlite_template, here / "wenzheng.db")
    given = ["--password-stdin", "--role"]
    assert command("user", "add", "host", *given, "host", given="wenzheng-demo\n")[0] == 0
    assert command("user", "add", "admin", *given, "admin", given="correct horse\n")[0] == 0
    assert {"host", "admin"} <= set(DEMO_USERS)
    code, found = asked(command)
    assert code == 1
    assert found["passwords"]["status"] == "fail"
    assert found["passwords"]["said"].endswith(": host")


def test_on_postgresql_it_reads_the_databases_own_word(
    command: Command, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.create_database(template="template0")
    monkeypatch.setenv("WENZHENG_STORE__URL", url)
    try:
        assert asked(command)[1]["schema"]["said"] == "the store is empty"
        migrate(url)
        postgres.run(f'ALTER DATABASE "{url.rsplit("/", 1)[1]}" SET synchronous_commit = off')
        code, found = asked(command)
    finally:
        postgres.drop_database(url)
    assert found["store"]["said"].startswith("PostgreSQL ")
    assert found["schema"]["status"] == "ok"
    assert "ms " in found["clock"]["said"]
    assert found["connections"]["status"] == "ok"
    assert found["connections"]["status"] == "ok"
    assert found["fail-over"]["status"] == "ok"
    # A server that the tests start forgets on a power cut, and says so; one that was given may not.
    assert found["durability"]["status"] in ("fail", "warn")
    assert code == (1 if found["durability"]["status"] == "fail" else 0)


def test_on_redis_it_asks_for_an_answer(command: Command, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENZHENG_BUS__URL", redis.url)
    assert "answers in" in asked(command)[1]["bus"]["said"]
    monkeypatch.setenv("WENZHENG_BUS__URL", "redis://:horse-battery@127.0.0.1:1/0")
    code, found = asked(command)
    assert code == 1
    assert found["bus"]["status"] == "fail"
    assert "horse" not in json.dumps(found)


def test_a_store_that_is_away_is_a_finding_and_its_password_is_nobodys(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENZHENG_STORE__URL", "postgresql://wenzheng:horse-battery@127.0.0.1:1/wenzheng")
    code, found = asked(command)
    assert code == 1
    assert found["store"]["status"] == "fail"
    assert "horse" not in json.dumps(found)
