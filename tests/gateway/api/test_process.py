"""Health, readiness, metrics, the published description, static files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.staticfiles import StaticFiles

from gateway import health, static_files
from gateway.openapi import PREFIX, description
from gateway.routes import ENDPOINTS
from kernel.permissions import Role
from kernel.refusals import CODES, Refusal
from tests.gateway.api.conftest import Edge

pytestmark = pytest.mark.anyio


async def test_alive_and_ready(edge: Edge) -> None:
    client = edge.client()

    assert (await client.get("/healthz")).json() == {"status": "alive"}
    ready = await client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "store": "up", "bus": "in-process", "draining": False}


async def test_not_ready_while_draining_but_alive(edge: Edge) -> None:
    edge.services.draining = lambda: True

    assert (await edge.client().get("/readyz")).status_code == 503
    assert (await edge.client().get("/healthz")).status_code == 200


async def test_a_lost_bus_is_told_and_only_slows(edge: Edge) -> None:
    edge.services.bus_healthy = lambda: False

    ready = await edge.client().get("/readyz")
    assert (ready.status_code, ready.json()["bus"]) == (200, "down")


async def test_whether_limits_are_shared_is_told_where_there_is_somebody_to_share_them_with(edge: Edge) -> None:
    assert "limits" not in (await edge.client().get("/readyz")).json()
    together = asyncio.Event()
    edge.services.limits_shared = together.is_set
    for told in ("own share", "shared"):
        ready = await edge.client().get("/readyz")
        assert (ready.status_code, ready.json()["limits"]) == (200, told)
        together.set()


async def test_not_ready_without_a_store(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone() -> None:
        raise Refusal("unavailable")

    monkeypatch.setattr(edge.services.store, "ping", gone)

    ready = await edge.client().get("/readyz")
    assert (ready.status_code, ready.json()["store"]) == (503, "down")


async def test_a_store_that_never_answers_is_down_too(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(edge.services.store, "ping", silent)
    monkeypatch.setattr(health, "STORE_S", 0.01)

    assert (await edge.client().get("/readyz")).status_code == 503


async def test_without_a_store_the_process_says_so_and_guests_are_still_known(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = await edge.as_user("guest")

    async def gone(*_: object) -> None:
        raise Refusal("unavailable")

    for read in ("room", "rooms", "session_account", "commit"):
        monkeypatch.setattr(edge.services.store, read, gone)

    answer = await guest.get(f"{PREFIX}/rooms")
    assert (answer.status_code, answer.json()["code"], answer.json()["temporary"]) == (503, "unavailable", True)
    assert int(answer.headers["retry-after"]) >= 1
    assert (await guest.get(f"{PREFIX}/me")).status_code == 200
    assert (await edge.client().get("/healthz")).status_code == 200


async def test_metrics_count_by_route_and_name_nobody(edge: Edge) -> None:
    edge.services.measures = lambda: {"sockets": 3.0, "committed_total": 7.0}
    room = await edge.a_room()
    client = edge.client()
    await client.get(f"{PREFIX}/rooms/{room['id']}")
    await client.get("/nowhere/at/all")
    await client.request("BREW", "/")

    text = (await client.get("/metrics")).text

    assert 'wenzheng_http_requests_total{method="GET",route="/api/v1/rooms/{room}",status="2xx"} 1.0' in text
    assert 'route="none",status="4xx"' in text
    assert 'method="other"' in text
    assert "wenzheng_sockets 3.0" in text
    assert room["id"] not in text
    assert "nowhere" not in text


async def test_measures_of_the_process_are_shown(edge: Edge) -> None:
    from gateway.metrics import Metrics

    text = Metrics(lambda: {"sockets": 3.0, "committed_total": 7.0}).text().decode()

    assert "wenzheng_sockets 3.0" in text
    assert "# TYPE wenzheng_committed_total counter" in text


async def test_the_description_is_made_from_the_routes(edge: Edge) -> None:
    document = (await edge.client().get(f"{PREFIX}/openapi.json")).json()

    assert document["openapi"].startswith("3.1")
    listed = {(method.upper(), path) for path, calls in document["paths"].items() for method in calls}
    published = {(e.method, e.path.removeprefix(PREFIX)) for e in ENDPOINTS if e.path.startswith(PREFIX)}
    assert listed == published
    assert set(document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == set(CODES)


async def test_the_description_refers_to_nothing_it_does_not_hold() -> None:
    document = description(ENDPOINTS)
    names = document["components"]["schemas"]

    def references(part: object) -> list[str]:
        if isinstance(part, dict):
            found = [str(part["$ref"])] if "$ref" in part else []
            return found + [one for inner in part.values() for one in references(inner)]
        return [one for inner in part for one in references(inner)] if isinstance(part, list) else []

    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in names
    ids = [call["operationId"] for calls in document["paths"].values() for call in calls.values()]
    assert len(ids) == len(set(ids))
    assert all(set(call["x-roles"]) <= set(Role) for calls in document["paths"].values() for call in calls.values())


async def test_answers_are_what_the_description_says(edge: Edge) -> None:
    import jsonschema_rs

    document = (await edge.client().get(f"{PREFIX}/openapi.json")).json()
    room = await edge.a_room()
    await edge.published(room["id"])
    moderator = await edge.as_user("moderator1")
    for path, template in (
        ("/me", "/me"),
        ("/departments", "/departments"),
        ("/rooms", "/rooms"),
        (f"/rooms/{room['id']}", "/rooms/{room}"),
        (f"/rooms/{room['id']}/events", "/rooms/{room}/events"),
        (f"/rooms/{room['id']}/questions", "/rooms/{room}/questions"),
        (f"/rooms/{room['id']}/queue?state=decided", "/rooms/{room}/queue"),
    ):
        shown = document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema = {**shown, "components": document["components"]}
        answer = await moderator.get(PREFIX + path)
        assert answer.status_code == 200, answer.text
        jsonschema_rs.validate(schema, answer.json())


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "room-B1x9kQ2a.js").write_text("export {}")
    (folder / "manifest.json").write_text("{}")
    (tmp_path / "secret.txt").write_text("not yours")
    (folder / "way-out.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(static_files, "_files", StaticFiles(directory=folder))
    return folder


async def test_files_with_a_hash_are_kept_for_ever_and_others_asked_for_again(edge: Edge, built: Path) -> None:
    client = edge.client()

    hashed = await client.get("/static/assets/room-B1x9kQ2a.js")
    assert hashed.status_code == 200
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert hashed.headers["x-content-type-options"] == "nosniff"
    plain = await client.get("/static/manifest.json")
    assert "must-revalidate" in plain.headers["cache-control"]
    again = await client.get("/static/manifest.json", headers={"if-none-match": plain.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    ["", "x/../../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "assets", "assets/", "way-out.txt", "%00"],
)
async def test_nothing_but_built_files_is_given(edge: Edge, built: Path, path: str) -> None:
    answer = await edge.client().get(f"/static/{path}")

    assert answer.status_code in {400, 404}
    assert "not yours" not in answer.text


async def test_a_flood_of_ranges_is_not_worked_through(edge: Edge, built: Path) -> None:
    ranges = "bytes=" + ",".join(f"{n}-{n}" for n in range(5_000))

    answer = await edge.client().get("/static/assets/room-B1x9kQ2a.js", headers={"range": ranges})

    assert answer.status_code < 500
    assert len(answer.content) < 10_000
