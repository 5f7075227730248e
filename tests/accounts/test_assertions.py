"""What the city's portal signed is read, and nothing else; in time, and not long before."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest

from accounts.assertions import LIFE_MAX_MS, Assertions
from kernel.refusals import Refusal
from tests.accounts.portal import SHARED, assertion

NOW = 1_800_000_000_000
SOON = NOW // 1000 + 60


def refused(token: str, now: int = NOW) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refusal:
        Assertions(SHARED).read(token, now)
    return refusal.value.code.name, refusal.value.field


def test_all_that_is_said_is_read() -> None:
    said = Assertions(SHARED).read(assertion("p-1", exp=SOON, name="王先生", room="0" * 26, state="s" * 32), NOW)
    assert (said.subject, said.expires_at, said.name, said.room, said.state) == (
        "p-1",
        SOON * 1000,
        "王先生",
        "0" * 26,
        "s" * 32,
    )
    # Another one of the same person is another one.
    assert said.mark != Assertions(SHARED).read(assertion("p-1", exp=SOON, jti="2"), NOW).mark


def test_what_another_signed_or_somebody_changed_is_a_forgery() -> None:
    token = assertion(exp=SOON)
    head, payload, mac = token.split(".")
    other = assertion("somebody else", exp=SOON).split(".")[1]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 32 bytes leave two bits of the last letter unused: another letter means the same bytes.
    respelled = mac[:-1] + last[last.index(mac[-1]) ^ 1]
    assert base64.urlsafe_b64decode(respelled + "=") == base64.urlsafe_b64decode(mac + "=")
    for forged in (
        assertion(exp=SOON, secret=SHARED + "!"),
        f"{head}.{other}.{mac}",
        f"{head}.{payload}.{respelled}",
        f"{head}.{payload}.",
        f"{head}.{payload}",
        f"{token}.x",
        f"{token}=",
        "",
        "..",
        "é.é.é",
        token + "A" * 3_000,
    ):
        assert refused(forged) == ("bad_assertion", None), forged


@pytest.mark.parametrize("alg", ["none", "HS512", "RS256", ""])
def test_no_other_algorithm_is_taken_even_rightly_signed(alg: str) -> None:
    assert refused(assertion(exp=SOON, alg=alg)) == ("bad_assertion", "alg")


def test_it_runs_out_to_the_second_and_none_may_live_long() -> None:
    token = assertion(exp=SOON)
    Assertions(SHARED).read(token, SOON * 1000 - 1)
    assert refused(token, SOON * 1000) == ("expired", None)
    assert refused(token, SOON * 1000 - LIFE_MAX_MS - 1) == ("bad_assertion", "exp")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"sub": ""}, "sub"),
        ({"sub": " "}, "sub"),
        ({"sub": "x" * 201}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "\ud800"}, "sub"),
        ({"sub": "a\x00"}, "sub"),
        ({"exp": "1800000060"}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": 1.5}, "exp"),
        ({"name": 7}, "name"),
        ({"room": "../x"}, "room"),
        ({"room": 7}, "room"),
        ({"state": "short"}, "state"),
        ({"state": "s" * 65}, "state"),
    ],
)
def test_a_portal_that_says_nonsense_is_told_where(said: dict[str, Any], field: str) -> None:
    given: dict[str, Any] = {"sub": "p-1", "exp": SOON} | said
    assert refused(assertion(**given)) == ("bad_assertion", field)


def test_signed_rubbish_is_refused_and_does_no_harm() -> None:
    for text in ("7", "[]", '"x"', "[" * 900, "{"):
        token = assertion(exp=SOON)
        head = token.split(".")[0]
        payload = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        signed = _signed(f"{head}.{payload}")
        assert refused(signed) == ("bad_assertion", None), text


def test_a_short_secret_is_none() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Assertions("x" * 31)


def _signed(said: str) -> str:
    mac = hmac.new(SHARED.encode(), said.encode(), hashlib.sha256).digest()
    return f"{said}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
