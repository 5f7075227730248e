"""Runs the ordered phases over a draft. Fails closed: whatever goes wrong in a phase, the post waits for a person."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence

from moderation.drafts import Context, Draft, Phase
from moderation.verdicts import ADMITTED, Verdict, hold
from rooms.model import Reason

_log = logging.getLogger(__name__)


class Pipeline:
    """The order of `phases` is the policy; see `moderation/phases`."""

    def __init__(self, phases: Sequence[Phase]) -> None:
        self.phases = tuple(phases)

    def judge(self, draft: Draft, context: Context) -> Verdict:
        """Joins what the phases find; the first refusal ends the list."""
        found = ADMITTED
        for phase in self.phases:
            try:
                answer = phase.judge(draft, context)
                # Most phases find nothing in most posts.
                if answer is None:
                    continue
                if not isinstance(answer, Verdict):
                    raise TypeError(f"a verdict or None expected, not {type(answer).__name__}")
            except Exception as failure:
                answer = _failed(phase, failure)
            found = found.joined(answer)
            if found.decisive:
                break
        return found


def _failed(phase: Phase, failure: Exception) -> Verdict:
    # Not exc_info: the message of an exception may quote the text, and logs never hold bodies.
    place = traceback.extract_tb(failure.__traceback__)[-1]
    _log.error(
        "moderation phase %s failed (%s at %s:%s): the post is held",
        phase.name,
        type(failure).__name__,
        place.filename.rpartition("/")[2],
        place.lineno,
    )
    return hold(Reason(phase.name, category="failed"))
