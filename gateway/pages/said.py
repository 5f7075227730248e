"""What a page says once after an action: a code of this list in a cookie that lives for one page view."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.auth import is_secure
from gateway.services import Services

COOKIE = "wz_said"
_SECONDS = 60
# Codes, not sentences: whoever forges the cookie gets one of our own words.
SAID = frozenset(
    {
        "acknowledged",
        "asked",
        "appealed",
        "published",
        "refused",
        "voted",
        "withdrawn",
        "signed_in",
        "signed_out",
        "seated",
        "created",
        "steered",
        "marked",
        "replied",
        "corrected",
        "noted",
        "announced",
        "held",
        "decided",
        "released",
        "reported",
        "nothing_waiting",
        "redacted",
        "proposed",
        "restored",
    }
)
_LOOKS = {"refused": "wait", "proposed": "wait", "held": "wait", "nothing_waiting": "plain"}


@dataclass(frozen=True, slots=True)
class Said:
    """`look` is the class of the notice."""

    code: str
    look: str
    text: str


def said_code(request: Request) -> str | None:
    code = request.cookies.get(COOKIE)
    return code if code in SAID else None


def look_of(code: str) -> str:
    return _LOOKS.get(code, "ok")


def back_to(request: Request, services: Services, path: str, said: str | None = None) -> Response:
    """303: whoever reloads sends nothing twice."""
    response = RedirectResponse(path, status_code=303)
    if said is not None:
        if said not in SAID:
            raise ValueError(f"{said} is not in the list of what pages say")
        secure = is_secure(services.options, request)
        response.set_cookie(COOKIE, said, max_age=_SECONDS, path="/", secure=secure, httponly=True, samesite="lax")
    return response
