"""Devices and addresses as digests: nobody makes a cookie but us, and what a token says is not what is stored."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest

from accounts.guests import Guest, GuestTokens
from accounts.handlers import Accounts
from accounts.sources import Sources
from kernel.permissions import Actor, Role
from tests.accounts.conftest import SECRET
from tests.accounts.test_guests import GUEST, NOW, encoded

pytestmark = pytest.mark.anyio

SOURCES = Sources(SECRET)


def test_a_cookie_is_known_again_and_no_two_are_the_same() -> None:
    first, second = SOURCES.new_cookie(), SOURCES.new_cookie()

    assert SOURCES.claim(first) == SOURCES.claim(first) == Sources(SECRET).claim(first)
    assert SOURCES.claim(first) != SOURCES.claim(second)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda cookie: cookie[:-1] + ("0" if cookie[-1] != "0" else "1"),
        lambda cookie: cookie.replace("d1.", "d2."),
        lambda cookie: "d1." + "0" * 32 + cookie[35:],
        lambda cookie: cookie + " ",
        lambda cookie: cookie + "\n",
        lambda cookie: "",
        lambda cookie: "d1." + "é" * 32 + "." + "é" * 32,
        lambda cookie: Sources(b"another secret of 32 bytes, this").new_cookie(),
    ],
)
def test_nobody_chooses_a_device_or_takes_anothers(tamper: Callable[[str], str]) -> None:
    assert SOURCES.claim(tamper(SOURCES.new_cookie())) is None


def test_what_is_stored_is_neither_the_id_nor_what_the_token_says() -> None:
    cookie = SOURCES.new_cookie()
    claim = SOURCES.claim(cookie) or ""
    stored = SOURCES.device(claim)

    assert len({cookie.split(".")[1], claim, stored.removeprefix("d:")}) == 3
    assert stored == SOURCES.device(claim)
    assert stored != Sources(b"another secret of 32 bytes, this").device(claim)


def test_an_address_has_a_digest_of_its_own() -> None:
    assert SOURCES.address("203.0.113.7") == Sources(SECRET).address("203.0.113.7")
    assert SOURCES.address("203.0.113.7") != SOURCES.address("203.0.113.8")
    assert "203.0.113.7" not in SOURCES.address("203.0.113.7")


def test_a_token_carries_the_claim_and_one_without_is_read_as_before() -> None:
    tokens, claim = GuestTokens(SECRET), "0123456789abcdef" * 2

    assert tokens.read(tokens.sign(replace(GUEST, device=claim)), NOW).device == claim
    assert tokens.read(tokens.sign(GUEST), NOW).device is None
    assert tokens.sign(GUEST).split(".")[1] == encoded(f'["{GUEST.id}", "{GUEST.name}", {GUEST.expires_at}]'.encode())
    assert tokens.read(tokens.sign(Guest(GUEST.id, "名", NOW + 1, "no digest")), NOW).device is None


async def test_a_guest_has_sources_and_nobody_else(accounts: Accounts) -> None:
    cookie = accounts.sources.new_cookie()
    token, made = accounts.create_guest(None, cookie)
    device = accounts.sources.device(accounts.sources.claim(cookie) or "")

    assert made.actor.sources == (await accounts.verify(token)).actor.sources == (device,)
    assert accounts.at(made.actor, "203.0.113.7").sources == (device, accounts.sources.address("203.0.113.7"))
    assert accounts.at(made.actor, None) is made.actor
    assert accounts.create_guest(None, "forged")[1].actor.sources == ()
    staff = Actor(made.actor.id, "host", Role.HOST)
    assert accounts.at(staff, "203.0.113.7") is staff
    assert device not in base64.urlsafe_b64decode(token.split(".")[1] + "==").decode()
    assert device not in repr(made) + str(accounts.at(made.actor, "203.0.113.7"))
