"""`compose.yaml` and what it mounts: every setting exists, every secret is made, nothing is open that need not be."""

from __future__ import annotations

import re
import stat
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.deploy.plain_yaml import load
from wenzheng.settings import load as load_settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run(["sh", DEPLOY / "new-secrets.sh", folder], check=True)
    return folder


def settings(compose: dict[str, Any]) -> dict[str, str]:
    told = compose["services"]["gateway"]["environment"]
    return {name: "https://wz.example.gov.cn" if "${" in value else value for name, value in told.items()}


def test_every_setting_is_one(compose: dict[str, Any], secrets: Path) -> None:
    environ = {name: value.replace("/run/secrets", str(secrets)) for name, value in settings(compose).items()}
    held = load_settings(None, environ)
    assert held.store.url.startswith("postgresql://wenzheng:")
    assert held.bus.url.startswith("redis://:")
    assert held.server.workers > 1
    assert held.server.public_origin.startswith("https://")


def test_nginx_alone_is_believed(compose: dict[str, Any]) -> None:
    address = compose["services"]["nginx"]["networks"]["inside"]["ipv4_address"]
    assert settings(compose)["WENZHENG_SERVER__TRUSTED_PROXIES"] == f"{address}/32"


def test_only_nginx_is_reached_from_outside(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["nginx"]


def test_every_secret_that_is_used_is_declared_and_made(compose: dict[str, Any], secrets: Path) -> None:
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", ())}
    read = set(re.findall(r"/run/secrets/(\w+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    assert used == read == set(compose["secrets"])
    assert {path.name for path in secrets.iterdir()} == used
    assert {entry["file"] for entry in compose["secrets"].values()} == {f"./secrets/{name}" for name in used}


def test_secrets_agree_and_are_never_the_same_twice(secrets: Path, tmp_path: Path) -> None:
    held = {path.name: path.read_text(encoding="utf-8") for path in secrets.iterdir()}
    assert held["postgres_password"] in held["store_url"]
    assert held["redis_password"] in held["bus_url"]
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    subprocess.run(["sh", DEPLOY / "new-secrets.sh", tmp_path / "again"], check=True)
    assert (tmp_path / "again" / "redis_password").read_text(encoding="utf-8") != held["redis_password"]
    refused = subprocess.run(["sh", DEPLOY / "new-secrets.sh", secrets], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert {path.name: path.read_text(encoding="utf-8") for path in secrets.iterdir()} == held


def test_the_hosts_of_the_addresses_are_services(compose: dict[str, Any], secrets: Path) -> None:
    hosts = {urlsplit((secrets / name).read_text(encoding="utf-8")).hostname for name in ("store_url", "bus_url")}
    upstream = re.findall(r"^\s*server (\w+):8000", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"), re.MULTILINE)
    assert hosts | set(upstream) <= set(compose["services"])


def test_a_gateway_may_do_little(compose: dict[str, Any]) -> None:
    gateway = compose["services"]["gateway"]
    assert gateway["read_only"] is True
    assert gateway["cap_drop"] == ["ALL"]
    assert gateway["security_opt"] == ["no-new-privileges:true"]
    assert gateway["deploy"]["replicas"] >= 2


def test_it_is_given_the_time_it_needs_to_stop(compose: dict[str, Any]) -> None:
    from gateway.engine.server import CANCELLED_S, FINISH_S

    drain = float(settings(compose)["WENZHENG_TIMES__DRAIN_S"])
    grace = float(compose["services"]["gateway"]["stop_grace_period"].removesuffix("s"))
    assert grace > drain + FINISH_S + CANCELLED_S


def test_every_file_that_is_mounted_is_there_or_is_the_operators(compose: dict[str, Any]) -> None:
    mounts = [mount.split(":")[0] for mount in compose["services"]["nginx"]["volumes"]]
    assert {mount for mount in mounts if not (DEPLOY / mount).exists()} <= {"./tls"}


@pytest.mark.parametrize("text", ["a: &x 1", "a\n", "a: 1\na: 2", "a: |\n  b", "a:\n  b: 1\n c: 2"])
def test_what_the_reader_does_not_know_it_refuses(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        load(text)
