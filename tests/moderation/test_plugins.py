"""The city's own code: found by its path, shown as its own, and held where it fails."""

from __future__ import annotations

import pytest

from kernel.clock import FrozenClock
from moderation.drafts import Context, Draft
from moderation.judges import Judges
from moderation.phases import standard_pipeline
from moderation.plugins import BadPlugin, load_plugins
from moderation.verdicts import ADMITTED, Verdict, hold
from rooms.model import Policy, PostKind, Reason
from tests.moderation.fake_store import NETIZEN

pytestmark = pytest.mark.anyio
HERE = __name__
OPEN = Context(Policy(premoderate=False))


def names_a_bridge(draft: Draft, context: Context) -> Verdict | None:
    if "桥" in draft.body:
        return hold(Reason("wordlist", category="bridge", start=0, end=1))
    if "炸" in draft.body:
        raise RuntimeError(draft.body)
    return None


async def thinks_it_over(draft: Draft, context: Context) -> Verdict | None:
    return names_a_bridge(draft, context)


NOT_CALLED = 7


def draft(body: str) -> Draft:
    return Draft(NETIZEN, PostKind.QUESTION, body)


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        ("桥几点开", [("plugin", "bridge")]),
        ("炸了", [("plugin", "failed")]),
        ("起步价多少", []),
    ],
)
def test_a_plain_function_is_a_phase(body: str, reasons: list[tuple[str, str]]) -> None:
    phases, judges = load_plugins([f"{HERE}:names_a_bridge"])

    found = standard_pipeline(plugins=phases).judge(draft(body), OPEN)

    assert judges == []
    assert [(reason.phase, reason.category) for reason in found.reasons] == reasons


async def test_a_coroutine_is_a_judge() -> None:
    phases, judges = load_plugins([f"{HERE}:thinks_it_over"])
    asked = Judges(judges, FrozenClock())

    assert phases == []
    assert (await asked.ask(draft("桥几点开"), OPEN, ADMITTED)).reasons == (Reason("plugin", "bridge", None, 0, 1),)
    assert (await asked.ask(draft("炸了"), OPEN, ADMITTED)) == hold(Reason("plugin", category="unreachable"))


@pytest.mark.parametrize(
    "path", ["", "json", "json:", ":loads", "no.such.module:x", "json:nothing", f"{HERE}:NOT_CALLED"]
)
def test_a_path_that_leads_nowhere_is_named(path: str) -> None:
    with pytest.raises(BadPlugin, match=path or "not package"):
        load_plugins([path])
