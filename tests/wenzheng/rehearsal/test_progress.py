"""How far it is, on a terminal and elsewhere."""

from __future__ import annotations

import io

from wenzheng.rehearsal.progress import Now, Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_there_is_one_line_and_in_the_end_none() -> None:
    out = Terminal()
    progress = Progress(out)
    progress.show(Now("load", 5, 10, "7 asked"))
    progress.show(Now("load", 10, 10))
    progress.end()
    first, second, blank, rest = out.getvalue().split("\r")[1:]
    assert first == "load    [##########----------] 5/10  7 asked"
    assert second.rstrip() == "load    [####################] 10/10"
    assert len(second) == len(first), "what was longer is written over"
    assert (blank.strip(), rest, out.getvalue().count("\n")) == ("", "", 0)


def test_elsewhere_each_phase_begins_with_a_line_of_its_own() -> None:
    out = io.StringIO()
    progress = Progress(out)
    for now in (Now("viewers", 0, 2), Now("viewers", 1, 2), Now("viewers", 2, 2), Now("load", 0, 9)):
        progress.show(now)
    progress.end()
    assert [line[:8] for line in out.getvalue().splitlines()] == ["viewers ", "load    "]


def test_of_nothing_all_is_done() -> None:
    out = io.StringIO()
    Progress(out).show(Now("guests", 0, 0))
    assert out.getvalue() == "guests  [####################] 0/0\n"
