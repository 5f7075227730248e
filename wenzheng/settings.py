"""What the operator decides: defaults here, overridden by `config.toml`, then by the environment; all of it frozen.

An unknown key or a bad value anywhere stops start-up and is named. Values never stand in messages: a store's URL
carries its password.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from gateway.options import GatewayOptions, Limits, Portal, Site
from wenzheng.setting_types import (
    BusUrl,
    HookUrl,
    Language,
    LogFormat,
    LogLevel,
    NotNegative,
    Origin,
    Port,
    Positive,
    PositiveInt,
    Prefix,
    Proxies,
    StoreUrl,
)

PREFIX = "WENZHENG_"
# Variables of the test suite, read by nothing in the process.
_NOT_OURS = "WENZHENG_TEST_"
# Only these hold a password, so only these may come out of a file: WENZHENG_STORE__URL_FILE.
SECRETS = frozenset({"store.url", "bus.url", "moderation.hook_secret", "moderation.alarm_secret", "vouching.secret"})


class SettingsError(Exception):
    """Start-up stops here; the message names every key at fault."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """`url` "" means the SQLite file `wenzheng.db` in `data_dir`."""

    url: StoreUrl = ""


@dataclass(frozen=True, slots=True)
class BusSettings:
    """`url` "" means in process. `sharded` needs Redis 7; `probe_s` is the time between doubts of a subscription."""

    url: BusUrl = ""
    sharded: bool = False
    prefix: Prefix = "wz"
    probe_s: Positive = 2.0


@dataclass(frozen=True, slots=True)
class ServerSettings:
    host: str = "127.0.0.1"
    port: Port = 8000
    workers: PositiveInt = 1
    public_origin: Origin = ""
    allowed_origins: tuple[Origin, ...] = ()
    trusted_proxies: Proxies = ()
    default_language: Language = "zh-CN"
    compression: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    """How long things last; the defaults are those of `GatewayOptions`."""

    session_hours: PositiveInt = 12
    guest_days: PositiveInt = 30
    ticket_s: PositiveInt = 30
    lease_s: PositiveInt = 30
    heartbeat_s: Positive = 15.0
    probe_ms: PositiveInt = 400
    drain_s: Positive = 5.0


@dataclass(frozen=True, slots=True)
class ModerationSettings:
    """The pace is a netizen's in one room. "" means no `terms_file`, no judge outside, nobody who is told of alarms.

    `device_days` and `address_days`: for how long it is kept from where guests wrote; `shared_address`: past how many
    others a sanction on an address has to be confirmed.
    """

    terms_file: str = ""
    pace_burst: PositiveInt = 5
    pace_interval_s: Positive = 10.0
    hiding_proposal_s: PositiveInt = 1_800
    hook_url: HookUrl = ""
    hook_secret: str = ""
    hook_timeout_ms: PositiveInt = 800
    hook_rooms: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    alarm_url: HookUrl = ""
    alarm_secret: str = ""
    evidence_days: NotNegative = 1095
    device_days: PositiveInt = 30
    address_days: PositiveInt = 7
    shared_address: PositiveInt = 20


@dataclass(frozen=True, slots=True)
class VouchingSettings:
    """`secret` "" means that the city vouches for nobody; `url` "" that only its own programs bring assertions."""

    secret: str = ""
    url: HookUrl = ""
    name: str = "市政务服务平台"
    name_en: str = "the city's portal"
    session_hours: PositiveInt = 12


@dataclass(frozen=True, slots=True)
class LogSettings:
    format: LogFormat = "auto"
    level: LogLevel = "info"
    requests: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """Every section; the field names are the names of the sections and keys."""

    data_dir: Path = Path("data")
    store: StoreSettings = field(default_factory=StoreSettings)
    bus: BusSettings = field(default_factory=BusSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    site: Site = field(default_factory=Site)
    limits: Limits = field(default_factory=Limits)
    times: Times = field(default_factory=Times)
    moderation: ModerationSettings = field(default_factory=ModerationSettings)
    vouching: VouchingSettings = field(default_factory=VouchingSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def store_url(self) -> str:
        """The URL in force, the default file spelled out."""
        return self.store.url or f"sqlite:///{(self.data_dir / 'wenzheng.db').absolute()}"

    def gateway_options(self, *, demo: bool) -> GatewayOptions:
        """What the edge is told."""
        return GatewayOptions(
            public_origin=self.server.public_origin,
            allowed_origins=self.server.allowed_origins,
            trusted_proxies=self.server.trusted_proxies,
            default_language=self.server.default_language,
            demo=demo,
            compression=self.server.compression,
            site=self.site,
            portal=Portal(self.vouching.url, self.vouching.name, self.vouching.name_en),
            limits=self.limits,
            **{key.name: getattr(self.times, key.name) for key in dataclasses.fields(Times)},
        )


def load(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """Settings from `config`, or from `config.toml` beside us if there is one, and from the environment."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for key, raw, strict in [*_from_file(config, problems), *_from_environment(environ, problems)]:
        try:
            values[key] = _validated(key, raw, strict=strict)
        except KeyError:
            problems.append(f"unknown setting {key}")
        except ValueError as fault:
            problems.append(f"bad value for {key}: {_reason(fault)}")
    if problems:
        raise SettingsError("; ".join(problems))
    return _assembled(values)


def keys() -> dict[str, Any]:
    """Every key with its default, in the order of the sections."""
    defaults: dict[str, Any] = {}
    for section in dataclasses.fields(Settings):
        standing = getattr(Settings(), section.name)
        if dataclasses.is_dataclass(standing):
            for key in dataclasses.fields(standing):
                defaults[f"{section.name}.{key.name}"] = getattr(standing, key.name)
        else:
            defaults[section.name] = standing
    return defaults


def _from_file(config: Path | None, problems: list[str]) -> Iterator[tuple[str, Any, bool]]:
    path = config or Path("config.toml")
    if config is None and not path.is_file():
        return
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        problems.append(f"cannot read {path}: {fault.strerror}")
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        problems.append(f"{path} is not valid TOML: {fault}")
        return
    sections = {section.name for section in dataclasses.fields(Settings)} - {"data_dir"}
    for name, value in document.items():
        if name in sections and isinstance(value, dict):
            yield from ((f"{name}.{key}", raw, True) for key, raw in value.items())
        elif name in sections:
            problems.append(f"bad value for {name}: it is a section, [{name}]")
        else:
            yield name, value, True


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, Any, bool]]:
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable.startswith(_NOT_OURS):
            continue
        key = variable.removeprefix(PREFIX).lower().replace("__", ".", 1)
        raw = environ[variable]
        if key.removesuffix("_file") in SECRETS and key.endswith("_file"):
            key = key.removesuffix("_file")
            try:
                raw = Path(raw).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                problems.append(f"cannot read the file that {variable} names")
                continue
        if key not in _TYPES:
            problems.append(f"unknown setting {key} (from {variable})")
            continue
        yield key, raw, False


def _validated(key: str, raw: Any, *, strict: bool) -> Any:
    adapter = _TYPES[key]
    if strict:
        # JSON's strict mode takes a list for a tuple and an integer for a float, and nothing else for anything else.
        return adapter.validate_json(to_json(raw), strict=True)
    if isinstance(keys()[key], tuple):
        raw = [part.strip() for part in raw.strip().strip("[]").split(",") if part.strip()]
        raw = [part.strip("\"'") for part in raw]
    return adapter.validate_python(raw, strict=False)


def _reason(fault: ValueError) -> str:
    if isinstance(fault, ValidationError):
        first = fault.errors(include_url=False, include_input=False)[0]
        return first["msg"].removeprefix("Value error, ")
    return "not a value a setting can have"


def _assembled(values: Mapping[str, Any]) -> Settings:
    sections: dict[str, Any] = {}
    for section in dataclasses.fields(Settings):
        standing = getattr(Settings(), section.name)
        if not dataclasses.is_dataclass(standing):
            sections[section.name] = values.get(section.name, standing)
            continue
        given = {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{section.name}.")}
        sections[section.name] = dataclasses.replace(standing, **given)  # type: ignore[type-var]
    return Settings(**sections)


def _types() -> dict[str, TypeAdapter[Any]]:
    adapters: dict[str, TypeAdapter[Any]] = {}
    for section in dataclasses.fields(Settings):
        standing = getattr(Settings(), section.name)
        if not dataclasses.is_dataclass(standing):
            adapters[section.name] = TypeAdapter(get_type_hints(Settings, include_extras=True)[section.name])
            continue
        # Every number among the limits bounds something: zero, less or no number at all would bound nothing.
        stricter = {int: PositiveInt, float: Positive, tuple[float, int]: tuple[Positive, PositiveInt]}
        for name, hint in get_type_hints(type(standing), include_extras=True).items():
            limit = section.name == "limits"
            adapters[f"{section.name}.{name}"] = TypeAdapter(stricter.get(hint, hint) if limit else hint)
    return adapters


_TYPES = _types()
