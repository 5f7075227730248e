"""One catalogue per language, shared by the templates and the browser: named parameters, one/other plurals, no more.

`tests/gateway/i18n_vectors.json` holds what both readers, this one and `web/src/i18n.ts`, must make of a message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent
from starlette.requests import HTTPConnection

Message = str | Mapping[str, str]

LANGUAGES: Final = ("zh-CN", "en")
LANGUAGE_COOKIE: Final = "wz_lang"
_FOLDER = Path(__file__).parent / "locales"
_PARAMETER = re.compile(r"\{(\w+)\}")
# Not from the time zone database, which small machines do not have; China keeps one time all year.
CITY_TIME = timezone(timedelta(hours=8))


@cache
def catalogue(lang: str) -> Mapping[str, Message]:
    """All messages of one of `LANGUAGES`."""
    loaded: dict[str, Message] = json.loads((_FOLDER / f"{lang}.json").read_text("utf-8"))
    return loaded


def translate(lang: str, key: str, **params: object) -> str:
    """The message in `lang`, else in zh-CN, else the key itself: a page never fails over a word."""
    message = catalogue(lang).get(key)
    if message is None:
        message = catalogue(LANGUAGES[0]).get(key, key)
    return interpolate(lang, message, params)


def knows(key: str) -> bool:
    return key in catalogue(LANGUAGES[0])


def interpolate(lang: str, message: Message, params: Mapping[str, object]) -> str:
    """Chooses the plural form by `n` and fills the parameters; numbers are grouped, an unknown parameter stays."""
    if not isinstance(message, str):
        one = lang == "en" and params.get("n") == 1
        message = message["one"] if one and "one" in message else message["other"]
    return _PARAMETER.sub(lambda hole: _shown(lang, hole, params), message)


def _shown(lang: str, hole: re.Match[str], params: Mapping[str, object]) -> str:
    name = hole.group(1)
    if name not in params:
        return hole.group(0)
    value = params[name]
    if isinstance(value, int) and not isinstance(value, bool):
        return format_decimal(value, locale=_locale(lang))
    return str(value)


def language(request: HTTPConnection, default: str = LANGUAGES[0]) -> str:
    """`?lang=`, else the cookie, else the browser's wish, else `default`."""
    for wish in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wish in LANGUAGES:
            return wish
    return _accepted(request.headers.get("accept-language", "")) or default


def _accepted(header: str) -> str | None:
    wishes: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:200].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        wishes.append((-_weight(weight), position, tag.lower()))
    for negative, _, tag in sorted(wishes):
        if negative == 0:
            continue
        if tag == "zh" or tag.startswith("zh-"):
            return "zh-CN"
        if tag == "en" or tag.startswith("en-"):
            return "en"
    return None


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


@cache
def _locale(lang: str) -> Locale:
    return Locale.parse(lang.replace("-", "_"))


def moment(ms: int, zone: tzinfo = CITY_TIME) -> datetime:
    return datetime.fromtimestamp(ms / 1000, zone)


def clock_time(lang: str, ms: int) -> str:
    """24-hour time, `14:05`."""
    return format_time(moment(ms), "HH:mm", locale=_locale(lang))


def short_day(lang: str, ms: int) -> str:
    """`11月18日`, `18 Nov`."""
    return format_date(moment(ms), "M月d日" if lang == "zh-CN" else "d MMM", locale=_locale(lang))


def stamped(lang: str, ms: int, day: int) -> str:
    """24-hour time; the day stands before it where it is another than that of `day`, both in milliseconds."""
    clock = clock_time(lang, ms)
    return clock if moment(ms).date() == moment(day).date() else f"{short_day(lang, ms)} {clock}"


def weekday(lang: str, ms: int) -> str:
    """`周三`, `Wed`."""
    return format_date(moment(ms), "EEE", locale=_locale(lang))


def long_month(lang: str, ms: int) -> str:
    """`2015年11月`, `November 2015`."""
    return format_date(moment(ms), "y年M月" if lang == "zh-CN" else "MMMM y", locale=_locale(lang))


def long_day(lang: str, ms: int) -> str:
    """`2015年11月18日`, `18 November 2015`."""
    return format_date(moment(ms), "y年M月d日" if lang == "zh-CN" else "d MMMM y", locale=_locale(lang))


def long_moment(lang: str, ms: int) -> str:
    """`2015年11月18日 14:00`, `18 November 2015, 14:00`."""
    pattern = "y年M月d日 HH:mm" if lang == "zh-CN" else "d MMMM y, HH:mm"
    return format_datetime(moment(ms), pattern, locale=_locale(lang))


def grouped(lang: str, number: int) -> str:
    """`13,406`."""
    return format_decimal(number, locale=_locale(lang))


def percent(lang: str, part: int, whole: int) -> str:
    """`97.8%`, rounded down: only all of them are 100%. `whole` is not 0."""
    return format_percent(part * 1000 // whole / 1000, "0.#%", locale=_locale(lang))


def iso(ms: int) -> str:
    """For `<time datetime>`."""
    return moment(ms).isoformat(timespec="seconds")
