"""The chain that brings the tests a Redis: each way works alone, and without any the failure is clear."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
import redis

from tests.services import redis_binaries
from tests.services.redis import OwnRedis, own_redis, start_redis
from tests.services.redis_binaries import VARIABLE, WHEEL, Binary, NoRedis, find_redis, from_debian, from_wheel, on_path


@pytest.fixture
def nothing_found(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Binary]:
    """The chain without its memory and without any of its links; a test puts one back."""
    for link in ("on_path", "from_debian", "from_wheel"):
        monkeypatch.setattr(redis_binaries, link, lambda: None)
    return find_redis.__wrapped__


@pytest.mark.parametrize("link", [from_debian, from_wheel])
def test_each_way_that_is_open_here_starts_a_server(
    link: Callable[[], Binary | None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = link()
    if (shutil.which("apt-get") if link is from_debian else find_spec(WHEEL)) is None:
        assert found is None
        return
    assert found is not None
    monkeypatch.setattr("tests.services.redis.find_redis", lambda: found)
    server = OwnRedis(tmp_path)
    server.start()
    try:
        assert server.version() >= ((7,) if link is from_debian else (6, 2))
    finally:
        server.stop()


def test_what_is_installed_comes_first_and_is_called_by_its_own_name(
    nothing_found: Callable[[], Binary], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Debian's `redis-server` is a link to a program that does something else under its own name."""
    target, link = tmp_path / "redis-check-rdb", tmp_path / "redis-server"
    target.write_text('#!/bin/sh\ncase "$0" in *redis-server) echo "Redis server v=7.0.15";; *) exit 1;; esac\n')
    target.chmod(0o755)
    link.symlink_to(target)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_binaries, "on_path", on_path)
    assert nothing_found() == Binary(link)


def test_a_program_that_does_not_start_is_passed_over(
    nothing_found: Callable[[], Binary], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_binaries, "on_path", lambda: Binary(Path("/bin/false")))
    monkeypatch.setattr(redis_binaries, "from_wheel", from_wheel)
    assert nothing_found() == from_wheel()


def test_without_any_the_failure_says_what_helps(nothing_found: Callable[[], Binary]) -> None:
    with pytest.raises(NoRedis, match=rf"apt-get install.*{VARIABLE}"):
        nothing_found()


def test_a_server_that_is_given_is_used_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with own_redis() as given:
        monkeypatch.setenv(VARIABLE, given.url)
        with start_redis() as server:
            assert server.url == given.url
        assert given.run("PING") is True


def test_a_server_of_ones_own_dies_freezes_and_comes_back_on_its_port(tmp_path: Path) -> None:
    server = OwnRedis(tmp_path)
    server.start()
    try:
        server.kill()
        with pytest.raises(redis.ConnectionError):
            server.run("PING")
        server.start()
        assert server.run("PING") is True
    finally:
        server.stop()


def test_a_cluster_divides_the_channels_among_its_nodes(redis_cluster: list[OwnRedis]) -> None:
    answered = []
    for member in redis_cluster:
        try:
            answered.append(str(member.run("SPUBLISH", "room", "hello")))
        except redis.RedisError as moved:
            answered.append(type(moved).__name__)
    assert sorted(answered) == ["0", "MovedError", "MovedError"]
