"""A server with a bus: it serves whether Redis is there or not, and says which."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx2

from tests.services.redis import OwnRedis
from tests.services.server import ServerProcess


def test_it_starts_without_its_redis_says_so_and_finds_it_later(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    redis = OwnRedis(folder)
    url = f"redis://wz:hunter2@127.0.0.1:{redis.port}"
    settings = {"WENZHENG_BUS__URL": url, "WENZHENG_BUS__PROBE_S": "0.2"}
    server = ServerProcess(tmp_path, "--demo", settings=settings).start()
    try:
        assert _ready(server)["bus"] == "down"
        _wait_for(lambda: "the bus is away" in server.log())
        assert "wenzheng_bus_up 0.0" in _text(server, "/metrics")
        redis.start()
        redis.run("ACL", "SETUSER", "wz", "on", ">hunter2", "allchannels", "+@all")
        _wait_for(lambda: _ready(server)["bus"] == "up")
        assert "wenzheng_bus_connects_total" in _text(server, "/metrics")
        redis.kill()
        _wait_for(lambda: _ready(server)["bus"] == "down")
        assert server.stop() == 0
    finally:
        server.kill()
        redis.stop()
    assert "hunter2" not in server.log()
    assert "Traceback" not in server.log()


def _ready(server: ServerProcess) -> dict[str, str]:
    told: dict[str, str] = httpx2.get(server.base + "/readyz", timeout=5, trust_env=False).json()
    return told


def _text(server: ServerProcess, path: str) -> str:
    return httpx2.get(server.base + path, timeout=5, trust_env=False).text


def _wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to be"
        time.sleep(0.05)  # asks a foreign process: nothing of ours would tell
