"""Plain forms: text fields within bounds, and the departments' names for them."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request

from kernel.ids import RoomId
from kernel.refusals import Refusal

_FIELDS_MAX = 60


async def read_form(request: Request) -> FormData:
    """The fields; `bad_request` for files or for more than any form of ours has."""
    return await request.form(max_files=0, max_fields=_FIELDS_MAX)


def text(form: FormData, name: str) -> str:
    """One field as text, "" when it was not sent."""
    value = form.get(name, "")
    if not isinstance(value, str):
        raise Refusal("bad_request", field=name)
    return value


def needed(form: FormData, name: str) -> str:
    value = text(form, name).strip()
    if not value:
        raise Refusal("bad_request", field=name)
    return value


def number(form: FormData, name: str) -> int:
    value = text(form, name)
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise Refusal("bad_request", field=name)
    return int(value)


def texts(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]


def room_id(request: Request) -> RoomId:
    return RoomId(str(request.path_params["room"]))


def own_path(wish: str, otherwise: str) -> str:
    """A path of ours to go on to; an address elsewhere is not followed."""
    parts = urlsplit(wish)
    ours = wish.startswith("/") and not wish.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return wish if ours and wish.isprintable() and "\\" not in wish else otherwise
