"""From a template and values to an answer: language, dates, preferences and the one-time notice in one place."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway import i18n
from gateway.addresses import own_origin
from gateway.auth import actor_of, is_secure
from gateway.csrf import csrf_token
from gateway.encodings import LEAST_BYTES, Compressed, accepted
from gateway.pages import said
from gateway.pages.assets import asset_tags
from gateway.services import Services
from kernel.permissions import GRANTS, VISITOR, Action, Actor, Role
from kernel.refusals import Refusal
from rooms.model import Room

_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
_YEAR_S = 365 * 86_400
# What a reader may choose for this device, by a link that works without script.
PREFERENCES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "lang": (i18n.LANGUAGE_COOKIE, i18n.LANGUAGES),
    "size": ("wz_size", ("normal", "large")),
    "theme": ("wz_theme", ("light", "dark")),
}


# What stays in the address when a reader changes language or size.
_KEPT = frozenset(
    {
        "before",
        "by",
        "day",
        "department",
        "from",
        "kind",
        "month",
        "next",
        "part",
        "q",
        "room",
        "state",
        "subject",
        "to",
    }
)


@lru_cache(maxsize=1)
def environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals["asset_tags"] = asset_tags
    found.globals["fresh_cid"] = fresh_cid
    found.globals["iso"] = i18n.iso
    # The same in every language; imported macros see globals only.
    found.globals["clock_time"] = partial(i18n.clock_time, i18n.LANGUAGES[0])
    return found


def fresh_cid() -> str:
    """Each rendered form carries its own: sent twice, it makes one post."""
    return "f-" + secrets.token_urlsafe(12)


# What a visitor's forms carry: a page without a secret is the same for all visitors and is compressed once for them.
# Whoever sends such a form becomes a guest of their own, and a cid counts only beside its author.
_VISITORS_CID = fresh_cid()
_compressed = Compressed()
# How `accounts/guests.py` names a guest who gave no name.
_NAMELESS = "网民"
# Up to here a place in the queue is told exactly.
_EXACT = 20


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page for this reader."""
    lang = i18n.language(request, services_of(request).options.default_language)
    html = environment().get_template(template).render({**_common(request, lang), **values})
    response = HTMLResponse(html, status_code=status, headers={"content-language": lang})
    response.headers["vary"] = "Accept-Language, Accept-Encoding, Cookie"
    _compress(request, response)
    _remember_preferences(request, response)
    if said.COOKIE in request.cookies and request.method == "GET":
        response.delete_cookie(said.COOKIE, path="/")
    return response


def _compress(request: Request, response: Response) -> None:
    """For visitors only: beside a secret, what a stranger makes us repeat would tell it by the length (BREACH)."""
    if actor_of(request) is not VISITOR or csrf_token(request) or request.method not in {"GET", "HEAD"}:
        return
    plain = bytes(response.body)
    if len(plain) >= LEAST_BYTES and accepted(request.headers.get("accept-encoding", ""), ("gzip",)):
        response.body = _compressed.get(plain)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))


def render_shared(template: str, lang: str, **values: Any) -> str:
    """A part of a page that is the same for everybody in this language: it is given nobody to be personal about."""
    return environment().get_template(template).render({**words(lang), **values})


def words(lang: str) -> dict[str, Any]:
    """What templates say and how they write dates, in one language."""
    return {
        "lang": lang,
        "t": partial(i18n.translate, lang),
        "long_moment": partial(i18n.long_moment, lang),
        "stamped": partial(i18n.stamped, lang),
        "short_day": partial(i18n.short_day, lang),
        "long_day": partial(i18n.long_day, lang),
        "number": partial(i18n.grouped, lang),
        "dept_name": partial(department_name, lang),
        "names_of": lambda departments: [department_name(lang, department) for department in departments],
        "reason_text": partial(reason_text, lang),
        "ahead": partial(ahead_text, lang),
        "netizen": partial(netizen, lang),
        "author": partial(author, lang),
        "csrf_token": "",
    }


def department_name(lang: str, department: Any) -> str:
    return str(department.name_en or department.name) if lang == "en" else str(department.name)


def ahead_text(lang: str, ahead: int) -> str:
    """A place in the queue, as `web/src/room/asking.ts` says it: rough where it moves faster than it can be read."""
    if ahead > _EXACT:
        return i18n.translate(lang, "queue.ahead_about", n=(ahead + 5) // 10 * 10)
    return i18n.translate(lang, "queue.ahead", n=ahead)


def netizen(lang: str, name: str | None) -> str:
    """A netizen with the word for it before the name; who has no other name than that is not called so twice."""
    return f"{i18n.translate(lang, 'role.netizen')} {(name or '').removeprefix(_NAMELESS)}"


def author(lang: str, name: str, role: str) -> str:
    """Whoever wrote it: a netizen with the word for it, anybody else by name."""
    return netizen(lang, name) if role == Role.NETIZEN else name


def sentence_of(request: Request, refusal: Refusal) -> str:
    """A refusal in the reader's words, with the time to wait where there is one."""
    lang = i18n.language(request, services_of(request).options.default_language)
    text = i18n.translate(lang, "err." + refusal.code.name)
    if refusal.retry_ms:
        text += " " + i18n.translate(lang, "error.wait", n=max(1, -(-refusal.retry_ms // 1000)))
    return text


def reason_text(lang: str, code: str | None) -> str:
    """The sentence for a reason: one of the eight rules by its number, a phase, or the code itself."""
    if code is None:
        return ""
    for key in ("rule." + code, "reason." + code, "phase." + code):
        if i18n.knows(key):
            text = i18n.translate(lang, key)
            return i18n.translate(lang, "post.rule", r=code, text=text) if key.startswith("rule.") else text
    return i18n.translate(lang, "reason.other")


def why(lang: str, post: Mapping[str, Any]) -> str:
    """Why an own post was refused: the rule, what the moderator wrote, else what the phases found."""
    rule = post.get("reason") or post.get("rule")
    found = [reason_text(lang, str(rule))] if rule else []
    if not found:
        found = [reason_text(lang, reason["phase"]) for reason in post.get("reasons") or ()][:1]
    if post.get("note"):
        found.append(str(post["note"]))
    return " ".join(found)


def _common(request: Request, lang: str) -> dict[str, Any]:
    services = services_of(request)
    actor = actor_of(request)
    site = services.options.site
    code = said.said_code(request)
    spoken = None if code is None else said.Said(code, said.look_of(code), i18n.translate(lang, "said." + code))
    return {
        **words(lang),
        "actor": actor,
        "may": partial(_may, actor),
        "csrf_token": csrf_token(request),
        "here": "",
        "said": spoken,
        "now": services.clock.now_ms(),
        "site_name": site.name_en if lang == "en" else site.name,
        "site": site,
        "portal_name": portal_name(services, lang),
        "origin": own_origin(services.options, request.scope),
        "viewers": _viewers(services),
        "with_query": partial(_with_query, request),
        "why": partial(why, lang),
        "size": _preference(request, "size"),
        "theme": _preference(request, "theme"),
        "refused": None,
        **({"fresh_cid": lambda: _VISITORS_CID} if actor is VISITOR else {}),
    }


def _may(actor: Actor, action: str) -> bool:
    """Whether the role may do such a thing anywhere: for what the navigation offers, never for what is allowed."""
    return actor.role in GRANTS[Action(action)]


def portal_name(services: Services, lang: str) -> str:
    """What the city's identity portal is called, "" where no page of ours leads there."""
    portal = services.options.portal
    if services.vouching is None or not portal.url:
        return ""
    return (portal.name_en if lang == "en" else portal.name) or portal.name


def _viewers(services: Services) -> Callable[[Room], int]:
    return lambda room: services.live.viewers(room.id)


def _preference(request: Request, name: str) -> str:
    cookie, choices = PREFERENCES[name]
    for wish in (request.query_params.get(name), request.cookies.get(cookie)):
        if wish in choices:
            return wish
    return choices[0]


def _remember_preferences(request: Request, response: Response) -> None:
    secure = is_secure(services_of(request).options, request)
    for name, (cookie, choices) in PREFERENCES.items():
        wish = request.query_params.get(name)
        if wish in choices and request.cookies.get(cookie) != wish:
            response.set_cookie(cookie, wish, max_age=_YEAR_S, path="/", secure=secure, samesite="lax")


def _with_query(request: Request, **changes: str) -> str:
    """This page's own address with some parameters changed; after a refused form, the page the form stood on."""
    path = request.url.path
    if request.method == "POST" and path != "/signin":
        path = path.rpartition("/")[0] or "/"
    kept = {name: value for name, value in request.query_params.items() if name in _KEPT}
    return f"{path}?{urlencode({**kept, **changes})}"
