"""The staff's addresses: each answers with the plain forms, and with what the application needs to take their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.gateway.pages.conftest import Browser

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[3]
HOST_PAGES = ("/desk", "/desk/new")


def given(page: str) -> dict[str, str]:
    body = re.search(r"<body([^>]*)>", page)
    assert body is not None
    return dict(re.findall(r'data-(\w+)="([^"]*)"', body.group(1)))


@pytest.mark.parametrize("path", HOST_PAGES)
async def test_a_deep_link_has_the_plain_form_and_a_place_for_the_application(netizen: Browser, path: str) -> None:
    page = await (await netizen.sign_in("host")).get(path)
    assert page.status_code == 200
    assert 'action="/desk/rooms"' in page.text
    assert '<div id="console" hidden></div>' in page.text


async def test_the_page_says_who_works_here_and_what_the_role_may_do(netizen: Browser) -> None:
    page = await (await netizen.sign_in("host")).get("/desk")
    told = given(page.text)
    assert told["role"] == "host"
    assert told["user"]
    assert told["csrf"]
    assert set(told["may"].split()) == {
        *(
            "desk.open",
            "lane.desk",
            "queue.health",
            "room.create",
            "policy.read",
            "room.set",
            "room.tighten",
            "post.redact",
        ),
    }


def test_the_page_is_asked_for_nothing_that_it_is_not_told() -> None:
    sources = (path.read_text() for end in ("ts", "vue") for path in (ROOT / "web/src").rglob(f"*.{end}"))
    asked = {action for text in sources for action in re.findall(r"mayDo\('([\w.]+)'\)", text)}
    listed = re.search(r'data-may="{% for action in \(([^)]*)\)', (ROOT / "gateway/templates/console.html").read_text())
    assert listed is not None
    assert asked
    assert asked <= set(re.findall(r"'([\w.]+)'", listed[1]))


async def test_who_may_not_open_a_room_is_not_shown_the_form(netizen: Browser) -> None:
    respondent = await netizen.sign_in("price1")
    assert (await respondent.get("/desk/new")).status_code == 403
    assert given((await respondent.get("/desk")).text)["may"].split() == ["desk.open", "lane.desk", "seat.take"]


async def test_who_is_not_signed_in_is_asked_to_and_comes_back(netizen: Browser) -> None:
    answer = await netizen.get("/desk/new")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/signin?next=%2Fdesk%2Fnew"
