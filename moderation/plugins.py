"""A city's own code in the pipeline: `package.module:name` in the settings, a callable like our own phases.

It is given a `Draft` and a `Context` (moderation/drafts.py) and returns nothing or a `Verdict` (moderation/verdicts.py:
`admit`, `hold`, `refuse` with `Reason`s). A plain function runs between our phases and must be quick; a coroutine
function is asked like the hook, with its time-out. What it raises holds the post.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from moderation.drafts import Context, Draft, Phase
from moderation.judges import Judge
from moderation.verdicts import Verdict

NAME = "plugin"


class BadPlugin(ValueError):
    """What the settings name cannot be used; the message says which and why."""


class _AsyncPlugin:
    name = NAME

    def __init__(self, ask: Callable[[Draft, Context], Awaitable[Verdict | None]]) -> None:
        self._ask = ask

    async def judge(self, draft: Draft, context: Context) -> Verdict | None:
        return _as_own(await self._ask(draft, context))


def load_plugins(paths: Sequence[str]) -> tuple[list[Phase], list[Judge]]:
    """The phases and the judges among them, in the order of the settings. Raises `BadPlugin`."""
    phases: list[Phase] = []
    judges: list[Judge] = []
    for path in paths:
        found = _named(path)
        if inspect.iscoroutinefunction(found):
            judges.append(_AsyncPlugin(found))
        else:
            phases.append(Phase(NAME, _quick(found)))
    return phases, judges


def _quick(found: Callable[[Draft, Context], Verdict | None]) -> Callable[[Draft, Context], Verdict | None]:
    return lambda draft, context: _as_own(found(draft, context))


def _as_own(answer: Verdict | None) -> Verdict | None:
    """Its reasons are shown as its own, whatever phase they claim."""
    if not isinstance(answer, Verdict):
        return answer
    return replace(answer, reasons=tuple(replace(reason, phase=NAME) for reason in answer.reasons))


def _named(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    if not module or not name:
        raise BadPlugin(f"{path}: not package.module:name")
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception as fault:
        raise BadPlugin(f"{path}: {type(fault).__name__}") from fault
    if not callable(found):
        raise BadPlugin(f"{path}: cannot be called")
    called: Callable[..., Any] = found
    return called
