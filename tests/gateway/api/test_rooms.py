"""Rooms over HTTP: made in one call, steered through their states, joined by invitation, listed page by page."""

from __future__ import annotations

import pytest

from tests.gateway.api.conftest import Edge, MakeEdge

pytestmark = pytest.mark.anyio

ROOMS = "/api/v1/rooms"


async def test_a_room_is_made_live_in_one_call(edge: Edge) -> None:
    room = await edge.a_room(departments=["price", "metro"], lead="metro", policy={"slow_ms": 5_000})

    assert (room["state"], room["lead"]) == ("live", "metro")
    assert [department["id"] for department in room["departments"]] == ["price", "metro"]
    assert room["policy"] == {
        "premoderate": True,
        "staff": "auto",
        "guests": True,
        "before": True,
        "after": False,
        "slow_ms": 5_000,
        "trust": "nobody",
        "two_person": False,
    }
    assert (await edge.client().get(f"{ROOMS}/{room['id']}")).json() == room


async def test_a_room_is_scheduled_unless_opened(edge: Edge) -> None:
    starts_at = edge.clock.now_ms() + 3_600_000

    room = await edge.a_room(open=False, starts_at=starts_at)

    assert (room["state"], room["starts_at"], room["opened_at"]) == ("scheduled", starts_at, None)


async def test_states_follow_one_another_and_nothing_else(edge: Edge) -> None:
    room = await edge.a_room(open=False)
    host = await edge.as_user("host")

    async def change(verb: str) -> str:
        answer = await host.post(f"{ROOMS}/{room['id']}/{verb}")
        body = answer.json()
        return str(body["state"] if answer.status_code == 200 else (answer.status_code, body["code"]))

    bad = str((409, "bad_state"))
    assert [await change(verb) for verb in ("pause", "resume")] == [bad, bad]
    assert [await change(verb) for verb in ("open", "open")] == ["live", bad]
    assert [await change(verb) for verb in ("pause", "resume", "resume")] == ["paused", "live", bad]
    assert [await change(verb) for verb in ("close", "open", "close")] == ["closed", bad, bad]


async def test_policy_is_changed_field_by_field(edge: Edge) -> None:
    room = await edge.a_room()
    host = await edge.as_user("host")

    answer = await host.patch(f"{ROOMS}/{room['id']}", json={"policy": {"premoderate": False}, "freeze": True})

    assert answer.json()["seq"] >= 1
    changed = (await host.get(f"{ROOMS}/{room['id']}")).json()
    assert changed["policy"] == {**room["policy"], "premoderate": False}
    assert changed["frozen"] is True
    nothing = await host.patch(f"{ROOMS}/{room['id']}", json={"policy": {"unknown": 1}})
    assert (nothing.status_code, nothing.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("by", ["code", "typed", "secret"])
async def test_a_department_is_invited_and_takes_its_seat(edge: Edge, by: str) -> None:
    room = await edge.a_room(departments=["price"])
    host, metro = await edge.as_user("host"), await edge.as_user("metro1")
    invited = (await host.post(f"{ROOMS}/{room['id']}/invitations", json={"department": "metro"})).json()
    url, _, secret = invited["url"].partition("#invite=")
    # The secret stands in the fragment, which browsers keep to themselves.
    assert url == "http://testserver/signin"

    if by == "secret":
        answer = await metro.post("/api/v1/invitations/accept", json={"code": secret})
    else:
        code = invited["code"] if by == "code" else f" {invited['code'][:4].lower()}-{invited['code'][4:]} "
        answer = await metro.post(f"/api/v1/invitations/{code}/accept")

    assert answer.status_code == 200, answer.text
    assert {each["id"]: each["seated"] for each in answer.json()["departments"]} == {"price": 0, "metro": 1}


async def test_an_invitation_is_for_its_department_and_for_those_signed_in(edge: Edge) -> None:
    room = await edge.a_room(departments=["price"])
    host = await edge.as_user("host")
    code = (await host.post(f"{ROOMS}/{room['id']}/invitations", json={"department": "metro"})).json()["code"]

    codes = {}
    for username in ("price1", "guest", "visitor", "host"):
        answer = await (await edge.as_user(username)).post(f"/api/v1/invitations/{code}/accept")
        codes[username] = answer.json()["code"]
    assert codes == {"price1": "forbidden", "guest": "forbidden", "visitor": "unauthenticated", "host": "forbidden"}
    wrong = await (await edge.as_user("metro1")).post("/api/v1/invitations/ABCDEFGH/accept")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "no_invitation")


async def test_an_invitation_runs_out(edge: Edge) -> None:
    room = await edge.a_room(departments=["price"])
    host = await edge.as_user("host")
    code = (await host.post(f"{ROOMS}/{room['id']}/invitations", json={"department": "metro"})).json()["code"]
    edge.clock.advance(8 * 86_400_000)
    edge.tokens.clear()

    answer = await (await edge.as_user("metro1")).post(f"/api/v1/invitations/{code}/accept")
    assert answer.json()["code"] == "expired"


async def test_the_link_names_the_public_origin(make_edge: MakeEdge) -> None:
    edge = await make_edge(public_origin="https://wz.city.example/")
    room = await edge.a_room(departments=["price"])
    host = await edge.as_user("host")

    invited = (await host.post(f"{ROOMS}/{room['id']}/invitations", json={"department": "metro"})).json()

    assert invited["url"].startswith("https://wz.city.example/signin#invite=")


@pytest.mark.parametrize("host", ["evil.example/path", "evil example", "<script>", "a" * 300, "evil@example"])
async def test_a_strange_host_stands_in_no_link(edge: Edge, host: str) -> None:
    room = await edge.a_room(departments=["price"])
    client = await edge.as_user("host")

    answer = await client.post(
        f"{ROOMS}/{room['id']}/invitations", json={"department": "metro"}, headers={"host": host}
    )

    assert answer.json()["url"].startswith("/signin#invite=")
    assert host not in answer.headers["content-security-policy"]


async def test_rooms_are_listed_newest_first_page_by_page_and_by_state(edge: Edge) -> None:
    made = [(await edge.a_room(title=f"第 {n} 场", open=n % 2 == 0))["id"] for n in range(5)]
    client = edge.client()

    seen, cursor = [], None
    while True:
        page = (await client.get(ROOMS, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen += [room["id"] for room in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made[::-1]
    live = (await client.get(ROOMS, params={"state": "live"})).json()["items"]
    assert [room["id"] for room in live] == [made[4], made[2], made[0]]


async def test_threads_are_paged_by_before_and_by_cursor_alike(edge: Edge) -> None:
    room = await edge.a_room()
    posts = []
    for n in range(3):
        posts.append(await edge.published(room["id"], f"第 {n} 个问题怎么办？", cid=f"c{n}"))
        edge.clock.advance(60_000)
    client = edge.client()
    place = f"{ROOMS}/{room['id']}/questions"

    first = (await client.get(place, params={"limit": 2})).json()
    assert [item["id"] for item in first["items"]] == [posts[2], posts[1]]
    for name in ("before", "cursor"):
        rest = (await client.get(place, params={"limit": 2, name: first["next"]})).json()
        assert ([item["id"] for item in rest["items"]], rest["next"]) == ([posts[0]], None)


async def test_events_are_read_on_from_any_number(edge: Edge) -> None:
    room = await edge.a_room()
    await edge.published(room["id"])
    place = f"{ROOMS}/{room['id']}/events"
    whole = (await edge.client().get(place)).json()
    assert [item["s"] for item in whole["items"]] == list(range(1, whole["head"] + 1))

    part = (await edge.client().get(place, params={"after": 1, "limit": 1})).json()
    assert part["items"] == whole["items"][1:2]
    assert (part["epoch"], part["head"]) == (whole["epoch"], whole["head"])


@pytest.mark.parametrize(
    "path",
    [
        "/rooms?state=open",
        "/rooms?limit=0",
        "/rooms?limit=201",
        "/rooms?limit=x",
        "/rooms?cursor=%00",
        "/rooms/{room}/events?lane=secret",
        "/rooms/{room}/events?after=-1",
        "/rooms/{room}/events?after=9007199254740993",
        "/rooms/{room}/events?limit=1001",
        "/rooms/{room}/questions?before=x",
        "/rooms/{room}/transcript?format=pdf",
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(edge: Edge, path: str) -> None:
    room = await edge.a_room()

    answer = await edge.client().get("/api/v1" + path.replace("{room}", room["id"]))

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("path", ["", "/questions", "/events", "/transcript", "/transcript?format=html"])
@pytest.mark.parametrize("room", ["0" * 26, "x", "%00", "%F0%9F%98%80", "..%2f..", "'%20OR%201=1", "a" * 81])
async def test_a_room_that_is_none_is_not_found(edge: Edge, room: str, path: str) -> None:
    answer = await edge.client().get(f"{ROOMS}/{room}{path}")

    assert (answer.status_code, answer.json()["code"]) in {(404, "no_room"), (404, "not_found")}


async def test_departments_are_listed(edge: Edge) -> None:
    listed = (await edge.client().get("/api/v1/departments")).json()

    assert listed["next"] is None
    assert {"id": "price", "name": "市物价局", "name_en": "Price Bureau", "mark": "价", "slot": 1} in listed["items"]


async def test_files_of_the_transcript_say_what_they_are(edge: Edge) -> None:
    room = await edge.a_room()
    for form, media in (("csv", "text/csv"), ("md", "text/markdown")):
        answer = await edge.client().get(f"{ROOMS}/{room['id']}/transcript", params={"format": form})
        assert answer.headers["content-type"].startswith(media)
        assert answer.headers["content-disposition"].startswith("attachment; filename=")


async def test_a_muted_user_is_told_so_until_it_is_lifted(edge: Edge) -> None:
    room = await edge.a_room()
    asked = await edge.a_question(room["id"])
    moderator, guest = await edge.as_user("moderator1"), await edge.as_user("guest")
    queue = (await moderator.get(f"{ROOMS}/{room['id']}/queue")).json()["items"]
    author = next(item["by"]["id"] for item in queue if item["post"] == asked["post"])
    sanction = {"user": author, "room": room["id"], "until": edge.clock.now_ms() + 60_000, "reason": "刷屏", "rule": 5}

    assert (await moderator.post("/api/v1/sanctions", json=sanction)).status_code == 201
    post = {"cid": "c9", "kind": "question", "body": "再问一次？"}
    muted = await guest.post(f"{ROOMS}/{room['id']}/posts", json=post)
    assert (muted.status_code, muted.json()["code"]) == (403, "muted")

    lifted = await moderator.request("DELETE", "/api/v1/sanctions", params={"user": author, "room": room["id"]})
    assert lifted.status_code == 204
    assert (await guest.post(f"{ROOMS}/{room['id']}/posts", json=post)).status_code == 200


async def test_one_netizens_flood_of_votes_is_slowed_and_nobody_elses(edge: Edge) -> None:
    room = await edge.a_room()
    post = await edge.published(room["id"])
    guest, other = await edge.as_user("guest-2"), await edge.as_user("guest-3")

    votes = [(await guest.post(f"/api/v1/posts/{post}/vote", json={"v": 1})).status_code for _ in range(21)]

    assert votes == [200] * 20 + [429]
    counted = (await other.post(f"/api/v1/posts/{post}/vote", json={"v": -1})).json()
    assert counted == {"up": 1, "down": 1}
