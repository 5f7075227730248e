"""Passwords: argon2id, the same work for everybody, never more at once than the machine bears."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from accounts import passwords as module
from accounts.passwords import Passwords, hash_password
from kernel.refusals import Refusal

pytestmark = pytest.mark.anyio


class WatchedHasher:
    """Counts the checks it was asked for."""

    def __init__(self) -> None:
        self.verified: list[str] = []

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def verify(self, stored: str, password: str) -> bool:
        self.verified.append(stored)
        if stored != self.hash(password):
            raise VerifyMismatchError
        return True


def test_what_is_stored_is_argon2id_and_salted() -> None:
    once, twice = hash_password("wenzheng-demo"), hash_password("wenzheng-demo")

    assert once.startswith("$argon2id$")
    assert once != twice


async def test_the_password_matches_and_another_does_not(hasher: PasswordHasher) -> None:
    passwords = Passwords(hasher)
    stored = await passwords.hash("问政 2015")

    assert await passwords.matches(stored, "问政 2015")
    assert not await passwords.matches(stored, "问政 2016")


async def test_a_password_typed_decomposed_is_the_same_password(hasher: PasswordHasher) -> None:
    passwords = Passwords(hasher)

    assert await passwords.matches(await passwords.hash("caf\u00e9"), "cafe\u0301")


async def test_an_unknown_user_costs_one_check_like_any_other() -> None:
    watched = WatchedHasher()
    passwords = Passwords(watched)  # type: ignore[arg-type]

    assert not await passwords.matches(None, "anything")
    assert not await passwords.matches("hash of right", "wrong")
    assert await passwords.matches("hash of right", "right")
    assert len(watched.verified) == 3


async def test_nobody_signs_in_with_the_decoys_password() -> None:
    assert not await Passwords(WatchedHasher()).matches(None, "nobody's password")  # type: ignore[arg-type]


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$broken", "$2b$12$bcrypt"])
async def test_a_stored_value_that_is_no_hash_matches_nothing(stored: str, hasher: PasswordHasher) -> None:
    assert not await Passwords(hasher).matches(stored, "plain")


async def test_a_password_of_lone_surrogates_is_refused_quietly(hasher: PasswordHasher) -> None:
    passwords = Passwords(hasher)

    assert not await passwords.matches(await passwords.hash("x"), "\ud800")


async def test_a_flood_is_turned_away_instead_of_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    import anyio

    release = threading.Event()

    class Stuck(WatchedHasher):
        def verify(self, stored: str, password: str) -> bool:
            release.wait(10)
            return True

    monkeypatch.setattr(module, "_WAITING_MAX", 3)
    passwords = Passwords(Stuck(), threads=1)  # type: ignore[arg-type]
    try:
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(passwords.matches, "hash of x", "x")
            await anyio.lowlevel.checkpoint()
            with pytest.raises(Refusal) as refused:
                await passwords.matches("hash of x", "x")
            release.set()
    finally:
        release.set()
    assert refused.value.code.name == "rate"
    assert refused.value.retry_ms
