"""The room's own rule: netizens wait where it is pre-moderated, staff where they are reviewed."""

from __future__ import annotations

import pytest

from moderation.phases.premoderation import judge
from moderation.verdicts import hold
from rooms.model import Policy, Reason, StaffReview
from tests.moderation.fake_store import NETIZEN, RESPONDENT
from tests.moderation.phases.judging import ask

WAITS = hold(Reason("premoderation"))


@pytest.mark.parametrize("premoderate", [True, False])
@pytest.mark.parametrize("staff", list(StaffReview))
def test_each_side_has_its_own_switch(premoderate: bool, staff: StaffReview) -> None:
    policy = Policy(premoderate=premoderate, staff=staff)
    assert ask(judge, "问", author=NETIZEN, policy=policy) == (WAITS if premoderate else None)
    assert ask(judge, "答", author=RESPONDENT, policy=policy) == (WAITS if staff is StaffReview.REVIEW else None)
