"""`wenzheng backup` and `restore` for an operator: online, private, one line when not; clients start afresh."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.client import Live, sign_in
from tests.services.server import ServerProcess
from tests.wenzheng.test_cli import Command, command, here, in_a_process, the_line

__all__ = ["command", "here"]

pytestmark = pytest.mark.anyio


async def test_after_a_restore_a_client_that_kept_its_position_starts_afresh(tmp_path: Path) -> None:
    """The rule of the epoch: what was published after the backup is gone, and its numbers are given again."""
    server = ServerProcess(tmp_path, "--demo", settings={"WENZHENG_TIMES__DRAIN_S": "0.3"}).start()
    host = await sign_in(server.base, "host")
    room = (await host.get("/rooms?state=live"))["items"][0]["id"]
    try:
        async with Live(server.base) as viewer:
            await viewer.join(room)
            lane = viewer.rooms[room].lanes["pub"]
            taken = in_a_process(tmp_path, "backup", "kept")
            assert taken.returncode == 0, taken.stderr
            lost = await host.post(
                f"/rooms/{room}/posts", {"cid": "after-1", "kind": "notice", "body": "备份之后才发布"}
            )
            await viewer.until(lambda: lane.seq >= lost["seq"])
            before = lane.ep

            assert "stop that one first" in the_line(in_a_process(tmp_path, "restore", "--replace", "kept").stderr)
            assert server.stop() == 0
            put_back = in_a_process(tmp_path, "restore", "--replace", "kept")
            assert put_back.returncode == 0, put_back.stderr
            server.start()

            await viewer.until(lambda: lane.resets, 60)
            await viewer.until(lambda: lane.ep != before and lane.snap is not None and lane.snap["ep"] == lane.ep)
            assert "备份之后" not in str(lane.snap)
            again = await sign_in(server.base, "host")
            other = await again.post(f"/rooms/{room}/posts", {"cid": "after-2", "kind": "notice", "body": "恢复之后"})
            await again.close()
            assert other["seq"] == lost["seq"], "the number is given again, which is why the epoch had to end"
            await viewer.until(lambda: any(item.get("body") == "恢复之后" for item in lane.items))
    finally:
        await host.close()
        server.stop()
    assert "Traceback" not in server.log()


def test_a_backup_is_for_its_owner_only_and_never_overwritten(command: Command, here: Path) -> None:
    assert command("migrate")[0] == 0
    code, told, _ = command("backup", "kept")
    assert code == 0
    assert "schema" in told
    assert stat.S_IMODE((here / "kept").stat().st_mode) == 0o600
    assert [path.name for path in here.iterdir() if "kept" in path.name] == ["kept"]

    before = (here / "kept").read_bytes()
    code, _, errors = command("backup", "kept")
    assert code == 1
    assert "there already" in the_line(errors)
    assert (here / "kept").read_bytes() == before
    assert command("restore", "--check", "kept")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["backup", "no/such/folder/kept"], "no/such/folder"),
        (["backup", "kept"], "no store"),
        (["renew-epochs"], "no store"),
        (["restore", "none"], "none"),
        (["restore", "config.toml"], "no backup"),
        (["restore", "--check", "config.toml"], "no backup"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing_behind(
    command: Command, here: Path, arguments: list[str], word: str
) -> None:
    (here / "config.toml").write_text("# nothing\n", encoding="utf-8")
    code, out, errors = command(*arguments)
    assert (code, out) == (1, "")
    assert word in the_line(errors)
    assert [path.name for path in here.iterdir()] == ["config.toml"]


def test_a_database_that_is_away_is_one_line_without_its_password(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENZHENG_STORE__URL", "postgresql://wenzheng:horse-battery@127.0.0.1:1/wenzheng")
    code, out, errors = command("backup", "kept")
    assert (code, out) == (1, "")
    assert "horse-battery" not in the_line(errors)


def test_a_store_that_is_not_empty_is_kept(command: Command) -> None:
    assert command("migrate")[0] == 0
    assert command("department", "add", "price", "市物价局")[0] == 0
    assert command("backup", "kept")[0] == 0
    code, _, errors = command("restore", "kept")
    assert code == 1
    assert "--replace" in the_line(errors)
    assert command("restore", "--replace", "kept")[0] == 0
    assert "already" in the_line(command("department", "add", "price", "市物价局")[2])
