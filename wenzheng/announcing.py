"""What a person at the terminal is told once the server answers: the address, and how to get in."""

from __future__ import annotations

from collections.abc import Sequence

_ROLES = (
    ("host", "主持人 host"),
    ("moderator1, moderator2", "审核员 moderators"),
    ("price1, price2", "市物价局 Price Bureau"),
    ("transport1", "市交通运输委 Transport Commission"),
    ("metro1", "市地铁公司 Metro Company"),
    ("admin, coordinator1, inspector1, evaluator1", "管理 staff of the programme"),
)


def announce(origin: str, password: str | None, rooms: Sequence[str]) -> None:
    """On standard output; logs go to standard error. `password` is the demo's, None where there is no demo."""
    lines = ["", f"  问政 Wenzheng  {origin}", ""]
    if password is not None:
        lines += [f"  live now   {room}" for room in rooms]
        lines += [f"  sign in    {origin}/signin   password of every account: {password}"]
        lines += [f"    {names:<44}{who}" for names, who in _ROLES]
        lines += ["", "  Ctrl+C ends it. The data stays; nothing is rebuilt the next time.", ""]
    print("\n".join(lines), flush=True)  # noqa: T201 - the one thing this module does
