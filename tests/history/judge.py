"""The judge: every rule over the whole record, each in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator

from tests.history.order import check_order
from tests.history.posting import check_posting
from tests.history.recorder import History
from tests.history.secrecy import check_secrecy
from tests.history.truth import Truth, Violation
from tests.history.verdicts import check_verdicts
from tests.history.viewers import check_viewers

# C7: what is hidden may be served for so long after the commit.
GRACE_S = 1.0


def check(
    history: History, truth: Truth, *, grace_s: float = GRACE_S, lease_s: float | None = None, calm_s: float = 15.0
) -> list[Violation]:
    """Every broken promise.

    `lease_s`: how long a moderator holds a post; None leaves out who held what, for nodes whose clocks disagree.
    `calm_s`: after so long without coming and going the counts of viewers must be exact to 2 %.
    """

    def all_of() -> Iterator[Violation]:
        yield from check_posting(history, truth)
        yield from check_order(history, truth)
        yield from check_secrecy(history, truth, grace_s)
        yield from check_verdicts(history, truth, lease_s)
        yield from check_viewers(history, calm_s)

    return list(all_of())
