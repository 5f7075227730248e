"""Raw bytes of every address and every lane, for every role: no text that is held, refused, hidden or covered, and

nothing of from where an author writes: no address, no device, no digest of them.

What may be read by whom stands in `places.py`; a new address without an entry fails here.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest
from sqlalchemy import true

from gateway.bus_memory import MemoryBus
from gateway.live import build_live
from gateway.options import GatewayOptions
from gateway.pages import page_routes
from gateway.routes import ENDPOINTS
from kernel.permissions import GRANTS
from persistence import author_reads, items
from persistence.exporting import export_lines
from tests.gateway.api.conftest import STAFF, Edge, edge, make_edge, seeded
from tests.gateway.live.house import Client
from tests.gateway.secrecy.fates import FATES, Session, marks_in, play
from tests.gateway.secrecy.places import AT_DESK, BACKSTAGE, NONE, OWN, PLACES, PROPOSED

__all__ = ["edge", "make_edge", "seeded"]

pytestmark = pytest.mark.anyio

ROLES = ("visitor", "guest", "guest2", *STAFF)
LANES = ("pub", "desk", "mod")


@pytest.fixture
async def session(edge: Edge) -> Session:
    return await play(edge)


def addresses(edge: Edge) -> set[str]:
    """Every address that answers a GET."""
    pages = {route.path for route in page_routes(edge.services) if "GET" in (route.methods or ())}
    return pages | {endpoint.path for endpoint in ENDPOINTS if endpoint.method == "GET"}


async def leaks(session: Session, roles: tuple[str, ...] = ROLES) -> list[str]:
    """Each text that came out where it may not, in words."""
    found = []
    for role in roles:
        client = await session.edge.as_user(role)
        for path, place in PLACES.items():
            for asked in place.asked:
                for post in session.posts.values() if "{post}" in path else ("",):
                    where = filled(session, path + asked, post)
                    answer = await client.get(where, headers={"accept": "*/*"})
                    seen = session.seen_in(answer.content) | session.seen_in(str(answer.headers).encode())
                    # As moderators work alike, so they may read alike.
                    allowed = place.may.get("moderator1" if role.startswith("moderator") else role, NONE)
                    if beyond := seen - allowed:
                        found.append(f"{role} GET {where}: {sorted(beyond)}")
    return found


def filled(session: Session, path: str, post: str) -> str:
    named = {"{room}": session.room, "{post}": post, "{author}": session.author, "{scope}": "city", "{path:path}": "x"}
    for name, value in named.items():
        path = path.replace(name, value)
    assert "{" not in path, f"{path}: say in `filled` what stands there"
    return path


def test_every_address_has_an_entry(edge: Edge) -> None:
    assert addresses(edge) == set(PLACES)


async def test_every_fate_has_come_true(session: Session) -> None:
    """Else the search below would find nothing, for want of anything to find."""
    allowed = frozenset[str]().union(*(fates for place in PLACES.values() for fates in place.may.values()))
    moderator = await session.edge.as_user("moderator1")
    read = b""
    for path, place in PLACES.items():
        for asked in place.asked if place.may else ():
            for post in (session.posts["held"],):
                for role in place.may:
                    client = moderator if role.startswith("moderator") else await session.edge.as_user(role)
                    read += (await client.get(filled(session, path + asked, post))).content
    assert marks_in(read) == allowed
    assert allowed == set(FATES) - {"hidden", "taken", "covered", "joined_shown"}
    assert len(session.posts) == len(FATES) - 5, "revision, appeal, report, proposal and question are of other posts"


async def test_no_address_gives_any_role_more_than_its_entry(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert await leaks(session) == []
    assert session.seen_in(caplog.text.encode()) == NONE


async def test_who_may_not_change_anything_is_not_answered_with_a_text(session: Session) -> None:
    for role in ROLES:
        client = await session.edge.as_user(role)
        kind = "visitor" if role == "visitor" else "netizen" if role.startswith("guest") else STAFF[role][0].value
        for endpoint in ENDPOINTS:
            if endpoint.method == "GET" or any(kind in GRANTS[action] for action in endpoint.actions):
                continue
            path = endpoint.path
            for name in ("list", "code", "sanction", "appeal"):
                path = path.replace("{" + name + "}", "unknown")
            for post in [session.posts[fate] for fate in ("held", "hidden")] if "{post}" in path else ("",):
                answer = await client.request(endpoint.method, filled(session, path, post), json={})
                assert answer.status_code in (401, 403, 404), (role, endpoint.path, answer.status_code)
                assert session.seen_in(answer.content) == NONE, (role, endpoint.path)


async def test_no_lane_carries_any_of_them_to_anybody(session: Session) -> None:
    services, clock = session.edge.services, session.edge.clock
    live = build_live(
        session.edge.store,
        MemoryBus(),
        services.accounts,
        services.rooms,
        services.posting,
        services.review,
        GatewayOptions(),
        clock,
        lambda language, code: code,
    )
    await live.start()
    try:
        for role in ROLES:
            await session.edge.as_user(role)
            for lane in LANES:
                client = Client(live)
                await client.hello(session.edge.tokens.get(role))
                for position in (None, {lane: {"ep": "", "seq": 0}}):
                    fields = {"room": session.room, "lanes": [lane], **({"pos": position} if position else {})}
                    await client.ask("join", **fields)
                await client.ask("fetch", room=session.room, lane=lane, **{"from": 1, "to": 200})
                seen = session.seen_in(b"".join(client.socket.raw))
                # One's own words come with `me`, whatever the lane.
                own = {"guest": OWN, "moderator1": BACKSTAGE}.get(role, NONE)
                if lane == "desk" and role in AT_DESK:
                    own |= PROPOSED | BACKSTAGE
                if lane == "mod" and role.startswith("moderator"):
                    own |= PROPOSED
                assert seen <= own, (role, lane, sorted(seen - own))
    finally:
        await live.close()


async def test_no_export_has_them(session: Session) -> None:
    async for line in export_lines(session.edge.store):
        assert session.seen_in(line) == NONE


async def test_a_leak_put_in_on_purpose_is_found(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the redaction join the search finds what it looks for."""
    monkeypatch.setattr(items, "may_show", lambda *_: True)
    monkeypatch.setattr(items, "may_select", lambda *_: true())
    found = await leaks(session, ("visitor",))
    assert any("/transcript" in one and "hidden" in one for one in found), found
    assert any("/questions" in one for one in found), found


async def test_a_digest_that_came_out_is_found_too(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    told = author_reads._sanctions

    def with_digests(*asked: Any) -> list[dict[str, Any]]:
        return [{**one, "reason": session.sources[f"{one['by']} digest"]} for one in told(*asked)]

    monkeypatch.setattr(author_reads, "_sanctions", with_digests)
    found = await leaks(session, ("moderator1",))
    assert any("/history" in one and "address digest" in one and "device digest" in one for one in found), found
