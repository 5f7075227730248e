"""What comes from outside is taken as it is meant or refused by the contract's code."""

from __future__ import annotations

import pytest

from kernel.permissions import VISITOR
from kernel.refusals import Refusal
from moderation.inputs import author_of, body_of, check_cid, check_version, expect, note_of, reason_of
from tests.moderation.fake_store import HOST, NETIZEN


@pytest.mark.parametrize("cid", ["1", "c-1", "a" * 64, "编号 7", "~"])
def test_a_cid_is_printable_and_short(cid: str) -> None:
    check_cid(cid)


@pytest.mark.parametrize("cid", ["", "a" * 65, "a\nb", "\x00", "a\u200b", "\ud800"])
def test_other_cids_are_bad_frames(cid: str) -> None:
    with pytest.raises(Refusal, match="bad_frame"):
        check_cid(cid)


@pytest.mark.parametrize("blank", ["", "  \n", "\u200b\u200d", "\u202e\u2066", "\x00"])
def test_a_body_nobody_could_see_is_a_bad_frame(blank: str) -> None:
    with pytest.raises(Refusal, match="bad_frame"):
        body_of(NETIZEN, blank)


def test_a_body_is_cleaned_before_it_is_measured() -> None:
    assert body_of(NETIZEN, "\u202e2 元？\r\n") == "2 元？"
    assert len(body_of(NETIZEN, "\u202e" * 10 + "字" * 2000)) == 2000


def test_how_long_a_body_may_be_depends_on_the_role() -> None:
    assert len(body_of(HOST, "字" * 10_000)) == 10_000
    for actor, length in ((NETIZEN, 2001), (HOST, 10_001)):
        with pytest.raises(Refusal, match="too_large"):
            body_of(actor, "字" * length)


@pytest.mark.parametrize(
    ("reason", "kept"), [(None, None), ("off_topic", "off_topic"), (3, "3"), ("3", "3"), ("a.b-c", "a.b-c")]
)
def test_a_reason_is_a_code_or_a_rule(reason: str | int | None, kept: str | None) -> None:
    assert reason_of(reason) == kept


@pytest.mark.parametrize("reason", ["", "Off topic", "理由", "a" * 33, 0, 9, True, "a\n"])
def test_a_sentence_is_no_reason(reason: str | int) -> None:
    with pytest.raises(Refusal, match="bad_frame"):
        reason_of(reason)


def test_a_note_is_cleaned_bounded_and_may_be_absent() -> None:
    assert note_of(" 请去掉手机号\x00 ", "note") == "请去掉手机号"
    assert note_of(None, "note") is None
    assert note_of(" \n", "note") is None
    with pytest.raises(Refusal, match="too_large"):
        note_of("字" * 501, "note")


def test_visitors_sign_nothing_and_versions_begin_at_one() -> None:
    with pytest.raises(Refusal, match="unauthenticated"):
        author_of(VISITOR)
    with pytest.raises(Refusal, match="bad_frame"):
        check_version(0)


def test_an_outcome_of_another_command_is_a_fault_of_ours() -> None:
    assert expect(int, 3) == 3
    with pytest.raises(TypeError):
        expect(int, "3")
