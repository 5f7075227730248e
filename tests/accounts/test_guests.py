"""Guest tokens: nobody but us can make one, change one, or use one for ever."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.guests import Guest, GuestTokens, guest_name
from kernel.ids import CountingIds, UserId
from kernel.permissions import Role
from kernel.refusals import Refusal

SECRET = b"a deployment secret of 32 bytes!"
NOW = 1_446_339_600_000
GUEST = Guest(UserId("g:" + CountingIds()()), "林小满", NOW + 1_000)


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def code_of(tokens: GuestTokens, token: str, now: int = NOW) -> str:
    with pytest.raises(Refusal) as refused:
        tokens.read(token, now)
    return refused.value.code.name


def test_a_token_carries_the_guest() -> None:
    tokens = GuestTokens(SECRET)

    assert tokens.read(tokens.sign(GUEST), NOW) == GUEST
    assert GUEST.actor().role is Role.NETIZEN
    assert GUEST.actor().guest


def test_a_token_outlives_the_process_and_is_good_on_every_node() -> None:
    assert GuestTokens(SECRET).read(GuestTokens(SECRET).sign(GUEST), NOW) == GUEST


def test_a_token_runs_out() -> None:
    tokens = GuestTokens(SECRET)

    assert code_of(tokens, tokens.sign(GUEST), GUEST.expires_at) == "expired"


def test_another_deployments_token_is_nobodys() -> None:
    assert (
        code_of(GuestTokens(SECRET), GuestTokens(b"another deployment, another key.").sign(GUEST)) == "unauthenticated"
    )


def test_every_single_changed_character_voids_a_token() -> None:
    tokens = GuestTokens(SECRET)
    token = tokens.sign(GUEST)

    for place, was in enumerate(token):
        forged = token[:place] + ("A" if was != "A" else "B") + token[place + 1 :]
        assert code_of(tokens, forged) == "unauthenticated", place


@pytest.mark.parametrize(
    "make",
    [
        lambda payload, mac: f"g1.{payload}.",
        lambda payload, mac: f"g1.{payload}",
        lambda payload, mac: f"g1..{mac}",
        lambda payload, mac: f"g2.{payload}.{mac}",
        lambda payload, mac: f"G1.{payload}.{mac}",
        lambda payload, mac: f"g1.{payload}.{mac}=",
        lambda payload, mac: f"g1.{payload}=.{mac}",
        lambda payload, mac: f"g1.{payload}.{mac}.{mac}",
        lambda payload, mac: f" g1.{payload}.{mac}",
        lambda payload, mac: f"g1.{payload}.{mac}\n",
        lambda payload, mac: f"g1.{payload}.{'0' * len(mac)}",
        lambda payload, mac: f"none.{payload}.",
        lambda payload, mac: f"{encoded(json.dumps({'alg': 'none'}).encode())}.{payload}.",
        lambda payload, mac: f"g1.{payload}.{mac}" + "é",
        lambda payload, mac: "g1." + "A" * 10_000 + "." + mac,
    ],
)
def test_no_other_spelling_passes(make: Callable[[str, str], str]) -> None:
    tokens = GuestTokens(SECRET)
    _, payload, mac = tokens.sign(GUEST).split(".")

    assert code_of(tokens, make(payload, mac)) == "unauthenticated"


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b"null", b'["a","b",3]', b"\xff", b'["g:1","x","tomorrow"]'])
def test_even_a_rightly_signed_payload_must_make_sense(payload: bytes) -> None:
    tokens = GuestTokens(SECRET)
    text = encoded(payload)

    assert code_of(tokens, f"g1.{text}.{tokens._mac(text)}") == "unauthenticated"


@given(st.text(max_size=200))
def test_rubbish_is_refused_and_never_crashes(rubbish: str) -> None:
    assert code_of(GuestTokens(SECRET), rubbish) == "unauthenticated"
    assert code_of(GuestTokens(SECRET), f"g1.{rubbish}") == "unauthenticated"


def test_a_secret_too_short_to_sign_with_is_refused() -> None:
    with pytest.raises(ValueError, match="short"):
        GuestTokens(b"short")


@pytest.mark.parametrize("wanted", [None, "", "  ", "\u200b", "\u202e"])
def test_who_gives_no_name_gets_one(wanted: str | None) -> None:
    name = guest_name(wanted)

    assert name.startswith("网民")
    assert len(name) == 6
    assert name[2:].isdigit()


@pytest.mark.parametrize(("wanted", "name"), [("  林 小满\n", "林 小满"), ("a\u202eb", "ab"), ("x" * 24, "x" * 24)])
def test_a_name_is_one_clean_line(wanted: str, name: str) -> None:
    assert guest_name(wanted) == name


def test_a_name_too_long_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        guest_name("x" * 25)
    assert (refused.value.code.name, refused.value.field) == ("bad_request", "name")
