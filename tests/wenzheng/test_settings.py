"""Settings: the file, the environment over it, and everything unknown or wrong refused by name."""

from __future__ import annotations

import tomllib
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from gateway.options import GatewayOptions
from wenzheng.settings import SECRETS, Settings, SettingsError, keys, load

ROOT = Path(__file__).resolve().parents[2]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "wenzheng.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(config: Path | None, **environ: str) -> str:
    with pytest.raises(SettingsError) as fault:
        load(config, environ)
    return str(fault.value)


def test_the_annotated_file_holds_every_key_with_its_default() -> None:
    document = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
    shown = {
        f"{name}.{key}" if isinstance(section, dict) else name
        for name, section in document.items()
        for key in (section if isinstance(section, dict) else [name])
    }
    assert shown == set(keys())
    assert load(ROOT / "config.toml", {}) == Settings()


def test_the_defaults_are_the_edges_own() -> None:
    assert Settings().gateway_options(demo=False) == GatewayOptions()
    assert Settings().gateway_options(demo=True) == GatewayOptions(demo=True)


def test_every_key_says_something_about_itself_or_stands_beside_one_that_does() -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    for section in text.split("\n\n")[1:]:
        assert "#" in section or section.startswith("[server]"), section


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = written(tmp_path, 'data_dir = "/srv/a"\n[server]\nport = 9000\nhost = "::1"\n')
    held = load(config, {"WENZHENG_SERVER__PORT": "9001", "WENZHENG_DATA_DIR": "/srv/b"})
    assert (held.server.port, held.server.host, held.data_dir) == (9001, "::1", Path("/srv/b"))


def test_lists_in_the_environment_are_joined_with_commas() -> None:
    held = load(
        None,
        {
            "WENZHENG_SERVER__TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1",
            "WENZHENG_SERVER__ALLOWED_ORIGINS": "https://a.example,https://b.example:8443",
            "WENZHENG_LIMITS__COMMANDS_NETIZEN": "2.5,9",
        },
    )
    assert held.server.trusted_proxies == (IPv4Network("10.0.0.0/8"), IPv4Network("127.0.0.1/32"))
    assert held.server.allowed_origins == ("https://a.example", "https://b.example:8443")
    assert held.limits.commands_netizen == (2.5, 9)


def test_other_peoples_variables_and_the_test_suites_are_left_alone() -> None:
    assert load(None, {"PATH": "/bin", "WENZHENG_TEST_CHROMIUM": "/x", "wenzheng_server__port": "1"}) == Settings()


@pytest.mark.parametrize(
    ("variable", "key"),
    [
        ("WENZHENG_SERVER__POORT", "server.poort"),
        ("WENZHENG_NOWHERE__PORT", "nowhere.port"),
        ("WENZHENG_PORT", "port"),
        ("WENZHENG_SERVER__PORT__X", "server.port__x"),
        ("WENZHENG_SERVER__PORT_FILE", "server.port_file"),
    ],
)
def test_an_unknown_variable_is_refused_by_name(variable: str, key: str) -> None:
    told = refused(None, **{variable: "1"})
    assert key in told
    assert variable in told


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("colour = 1", "colour"),
        ("[server]\npoort = 1", "server.poort"),
        ("[nowhere]\nport = 1", "nowhere"),
        ("server = 1", "server"),
        ("[store.url]\nx = 1", "store.url"),
    ],
)
def test_an_unknown_key_of_the_file_is_refused_by_name(tmp_path: Path, text: str, key: str) -> None:
    assert key in refused(written(tmp_path, text))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("server.port", '"9000"'),
        ("server.port", "true"),
        ("server.port", "70000"),
        ("server.host", "1"),
        ("server.workers", "0"),
        ("server.public_origin", '"https://a.example/path"'),
        ("server.public_origin", '"a.example"'),
        ("server.trusted_proxies", '["10.0.0.1/8"]'),
        ("server.trusted_proxies", '"10.0.0.0/8"'),
        ("server.default_language", '"fr"'),
        ("store.url", '"mysql://localhost/x"'),
        ("store.url", '"sqlite:///relative.db"'),
        ("bus.url", '"http://localhost"'),
        ("bus.url", '"redis://"'),
        ("moderation.hook_url", '"ftp://localhost/judge"'),
        ("moderation.hook_url", '"https://user:word@localhost/judge"'),
        ("moderation.hook_url", '"http://localhost/a b"'),
        ("bus.url", '"redis://localhost:port"'),
        ("bus.url", '"redis://localhost?socket_timeout=60"'),
        ("bus.url", '"redis://localhost?ssl_ca_certs=/etc/ca.pem"'),
        ("bus.url", '"rediss://localhost?ssl_version=3"'),
        ("bus.prefix", '"a{b}"'),
        ("bus.probe_s", "0.0"),
        ("limits.depth", "0"),
        ("limits.hello_s", "nan"),
        ("limits.commands_staff", "[1.0]"),
        ("times.probe_ms", "-1"),
        ("times.drain_s", "inf"),
        ("log.format", '"xml"'),
        ("log.level", '"loud"'),
        ("moderation.pace_burst", "1.5"),
    ],
)
def test_a_bad_value_is_refused_by_name(tmp_path: Path, key: str, value: str) -> None:
    section, _, name = key.partition(".")
    told = refused(written(tmp_path, f"[{section}]\n{name} = {value}\n"))
    assert f"bad value for {key}" in told


@pytest.mark.parametrize("url", ["redis://127.0.0.1", "rediss://wz:pw@redis.example:6380/2?ssl_ca_certs=/etc/ca.pem"])
def test_the_bus_may_be_a_redis(url: str) -> None:
    assert load(None, {"WENZHENG_BUS__URL": url}).bus.url == url


def test_a_bad_value_of_the_environment_is_refused_without_being_shown() -> None:
    told = refused(None, WENZHENG_STORE__URL="mysql://wz:hunter2@db/x", WENZHENG_SERVER__PORT="x")
    assert "store.url" in told
    assert "server.port" in told
    assert "hunter2" not in told


def test_a_secret_may_come_out_of_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://wz:hunter2@db/x\n", encoding="utf-8")
    assert load(None, {"WENZHENG_STORE__URL_FILE": str(secret)}).store.url == "postgresql://wz:hunter2@db/x"
    assert "WENZHENG_STORE__URL_FILE" in refused(None, WENZHENG_STORE__URL_FILE=str(tmp_path / "none"))
    assert set(keys()) >= SECRETS


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert "none.toml" in refused(tmp_path / "none.toml")
    assert "not valid TOML" in refused(written(tmp_path, "port = = 1"))


def test_the_default_store_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    held = load(None, {"WENZHENG_DATA_DIR": str(tmp_path)})
    assert held.store_url == f"sqlite:///{tmp_path}/wenzheng.db"
