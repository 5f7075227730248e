"""Pseudonyms are stable and lead nowhere back; tokens hold until their end, or until the shared secret changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.vouched import Pseudonyms, Vouched, VouchedTokens
from kernel.ids import RoomId, UserId
from kernel.permissions import Role
from kernel.refusals import Refusal
from tests.accounts.conftest import SECRET
from tests.accounts.portal import SHARED

NOW = 1_800_000_000_000
TOKENS = VouchedTokens(SECRET, SHARED)


def refused(tokens: VouchedTokens, token: str, now: int = NOW) -> str:
    with pytest.raises(Refusal) as refusal:
        tokens.read(token, now)
    return refusal.value.code.name


def test_one_person_is_one_pseudonym_that_says_nothing_of_them() -> None:
    pseudonyms = Pseudonyms(SECRET)
    one = pseudonyms.of("110101199003071234")
    assert pseudonyms.of("110101199003071234") == one
    assert pseudonyms.of("110101199003071235") != one
    assert Pseudonyms(b"of another deployment, 32 bytes.").of("110101199003071234") != one
    assert (one[:2], len(one)) == ("v:", 28)
    assert "1990" not in one


def test_a_token_says_who_and_where_and_until_when() -> None:
    somewhere = Vouched(UserId("v:" + "9" * 26), "王" * 24, NOW + 1, RoomId("0" * 26))
    for vouched in (somewhere, replace(somewhere, room=None)):
        token = TOKENS.sign(vouched)
        assert len(token) <= 400
        assert TOKENS.read(token, NOW) == vouched
        assert refused(TOKENS, token, NOW + 1) == "expired"


def test_forged_tokens_and_those_of_another_secret_are_nobodys() -> None:
    token = TOKENS.sign(Vouched(UserId("v:" + "9" * 26), "王", NOW + 1))
    version, payload, mac = token.split(".")
    other = TOKENS.sign(Vouched(UserId("v:" + "8" * 26), "王", NOW + 1)).split(".")[1]
    short = f"{version}.{payload}"
    for forged in (f"{version}.{other}.{mac}", f"{short}.", short, "v1.é.é", token + "x" * 400):
        assert refused(TOKENS, forged) == "unauthenticated", forged
    assert refused(VouchedTokens(SECRET, SHARED + "2"), token) == "unauthenticated"


def test_who_is_vouched_for_in_one_room_is_a_guest_in_every_other() -> None:
    everywhere = Vouched(UserId("v:1"), "王", NOW)
    here = replace(everywhere, room=RoomId("here")).actor()
    assert (here.role, here.verified, here.guest) == (Role.NETIZEN, True, False)
    assert not here.is_guest_in(RoomId("here"))
    assert here.is_guest_in(RoomId("elsewhere"))
    assert not everywhere.actor().is_guest_in(RoomId("elsewhere"))
