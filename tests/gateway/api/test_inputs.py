"""What comes in is bounded and typed: every field of every body, and rubbish of every kind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from gateway import schemas, schemas_netizens, schemas_redress, schemas_trust, schemas_words
from gateway.api.shifts import ShiftTurn
from gateway.bodies import deeper_than
from gateway.endpoints import Endpoint
from gateway.options import GatewayOptions
from gateway.routes import ENDPOINTS
from kernel.clock import FrozenClock
from persistence.store import open_store
from tests.gateway.api.conftest import Edge, assemble

pytestmark = pytest.mark.anyio

# A body each that passes validation; who may send it stands beside.
VALID: dict[type[BaseModel], tuple[str, dict[str, Any]]] = {
    schemas.Credentials: ("visitor", {"username": "u", "password": "p", "cookie": False}),
    schemas_netizens.NewGuest: (
        "visitor",
        {"name": "林", "cookie": False, "assertion": "x.y.z", "room": "0" * 26},
    ),
    schemas_netizens.NewVoucher: ("visitor", {"assertion": "x.y.z"}),
    schemas.NewRoom: (
        "host",
        {
            "title": "题",
            "summary": "",
            "departments": ["price"],
            "lead": "price",
            "starts_at": 1_446_339_600_000,
            "open": False,
            "policy": {"premoderate": True},
        },
    ),
    schemas.RoomSet: ("host", {"policy": {"slow_ms": 1}, "freeze": False}),
    schemas.Invitation: ("host", {"department": "metro"}),
    schemas.Acceptance: ("price1", {"code": "ABCD"}),
    schemas.NewPost: ("guest", {"cid": "1", "kind": "comment", "body": "x", "reply_to": "0" * 26}),
    schemas.Revision: ("guest", {"ver": 1, "body": "x"}),
    schemas.Why: ("moderator1", {"reason": "rude"}),
    schemas_redress.Hiding: ("moderator1", {"reason": "rude", "proposal": 1}),
    schemas_redress.Declining: ("moderator1", {"proposal": 1, "note": "y"}),
    schemas.Switch: ("moderator1", {"on": True}),
    schemas.VoteCast: ("guest", {"v": 1}),
    schemas.Versioned: ("moderator1", {"ver": 1}),
    schemas.GroupDecision: ("moderator1", {"posts": [{"post": "0" * 26, "ver": 1}], "verdict": "publish", "note": "y"}),
    schemas.Masking: ("moderator1", {"ver": 1, "spans": [[0, 1]], "note": "x"}),
    ShiftTurn: ("moderator1", {"state": "rest", "until": 1_446_339_700_000, "note": "x"}),
    schemas.Merging: ("moderator1", {"ver": 1, "posts": [{"post": "0" * 26, "ver": 1}]}),
    schemas.Decision: ("moderator1", {"ver": 1, "verdict": "publish", "reason": "x", "note": "y"}),
    schemas_redress.NewAppeal: ("guest", {"text": "请再看"}),
    schemas_redress.NewReport: ("guest", {"reason": "3", "note": "y"}),
    schemas_redress.ReportJudgement: ("moderator1", {"outcome": "dismissed", "reason": "3", "note": "y"}),
    schemas_redress.Opening: ("moderator1", {"ver": 1, "reason": "y"}),
    schemas_redress.Keeping: ("inspector1", {"ver": 1, "on": True, "reason": "y"}),
    schemas_redress.Asking: ("moderator1", {"cid": "1", "body": "x"}),
    schemas_redress.AppealDecision: ("moderator1", {"outcome": "upheld", "note": "y"}),
    schemas_redress.Reinstatement: ("moderator1", {"ver": 1, "note": "y"}),
    schemas_trust.TrustWord: ("moderator1", {"level": "watched", "reason": "x"}),
    schemas_words.ListPublication: (
        "moderator1",
        {"based_on": 0, "reason": "x", "terms": "词", "exceptions": "", "put": "", "remove": ["词"]},
    ),
    schemas_words.ListTrial: ("moderator1", {"n": 1, "terms": "词", "exceptions": "", "put": "", "remove": ["词"]}),
    schemas.PullRequest: ("moderator1", {"room": "0" * 26, "n": 1}),
    schemas_redress.NewSanction: (
        "moderator1",
        {
            "user": "u",
            "room": "0" * 26,
            "until": 1_446_339_700_000,
            "reason": "x",
            "rule": 1,
            "kind": "mute",
            "by": "account",
            "others": 1,
        },
    ),
}
WRONG = {
    "str": [1, 1.5, True, [], {}, ["x"]],
    "int": ["1", 1.5, True, [], {}, 2**70],
    "bool": ["true", 1, 0, [], {}],
    "list": ["price", 1, {"0": "price"}, [1], [None], [["price"]]],
    "dict": ["x", 1, True, [], [{}]],
}


def wrong_fields() -> Iterator[Any]:
    for endpoint in ENDPOINTS:
        if endpoint.body is None:
            continue
        username, valid = VALID[endpoint.body]
        for field, value in valid.items():
            wrong = list(WRONG[type(value).__name__])
            if field == "reason" and endpoint.body is schemas.Decision:
                wrong.remove(1)  # the number of a rule
            if endpoint.body.model_fields[field].is_required():
                wrong.append(None)
            yield pytest.param(endpoint, username, field, wrong, id=f"{endpoint.method} {endpoint.path} {field}")


@pytest.mark.parametrize(("endpoint", "username", "field", "wrong"), list(wrong_fields()))
async def test_a_field_of_another_type_is_refused_by_name(
    edge: Edge, endpoint: Any, username: str, field: str, wrong: list[Any]
) -> None:
    client = await edge.as_user(username)
    path = endpoint.path.format(**dict.fromkeys(endpoint.path_parameters, "0" * 26))
    for value in wrong:
        answer = await client.request(endpoint.method, path, json={**VALID[endpoint.body][1], field: value})
        problem = answer.json()
        assert answer.status_code == 400, (value, problem)
        assert problem["code"] == endpoint.invalid
        assert problem["field"].split(".")[0] == field


@pytest.mark.parametrize("policy", [{"premoderate": "no"}, {"staff": "maybe"}, {"slow_ms": -1}, {"slow_ms": 10**9}])
async def test_a_policy_is_typed_field_by_field(edge: Edge, policy: dict[str, object]) -> None:
    host = await edge.as_user("host")
    answer = await host.post("/api/v1/rooms", json={"title": "题", "departments": ["price"], "policy": policy})

    assert answer.status_code == 400
    assert answer.json()["field"] == f"policy.{next(iter(policy))}"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": " \u200b\n"}, "title"),
        ({"title": "题" * 201}, "title"),
        ({"summary": "x" * 2_001}, "summary"),
        ({"departments": []}, "departments"),
        ({"departments": ["price", "price"]}, "departments"),
        ({"departments": [f"d{n}" for n in range(13)]}, "departments"),
        ({"departments": [""]}, "departments"),
        ({"lead": "metro"}, "lead"),
        ({"starts_at": -1}, "starts_at"),
        ({"starts_at": 2**52}, "starts_at"),
    ],
)
async def test_a_room_that_makes_no_sense_is_refused_by_field(edge: Edge, wish: dict[str, Any], field: str) -> None:
    host = await edge.as_user("host")
    answer = await host.post("/api/v1/rooms", json={"title": "题", "departments": ["price"], **wish})

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "bad_request", field)


async def test_a_department_that_is_none_is_told_so(edge: Edge) -> None:
    host = await edge.as_user("host")
    answer = await host.post("/api/v1/rooms", json={"title": "题", "departments": ["price", "nobody"]})

    assert (answer.status_code, answer.json()["code"]) == (404, "no_department")


async def test_a_title_and_a_name_are_cleaned(edge: Edge) -> None:
    room = await edge.a_room(title="  票价\u202e 听证\n第二场 ")

    assert room["title"] == "票价 听证 第二场"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'"x"', "application/json"),
        (b"1", "application/json"),
        (b'{"title": NaN}', "application/json"),
        (b'{"title": "\xff"}', "application/json"),
        ('{"title": "题"}'.encode("utf-16"), "application/json"),
        (b'{"title": "\\ud800"}', "application/json"),
        (b"\xef\xbb\xbf{}", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"a":' * 20_000, "application/json"),
        (b'{"policy":' + b'{"a":' * 9 + b"1" + b"}" * 10, "application/json"),
        (b"title=x", "application/x-www-form-urlencoded"),
        (b'{"title": "x"}', "text/plain"),
        (b'{"title": "x"}', ""),
        (b'{"title": "x"}', "multipart/form-data; boundary=x"),
        (b'{"title": "x"}', "application/xml"),
    ],
)
async def test_a_body_that_is_not_one_is_refused(edge: Edge, content: bytes, kind: str) -> None:
    host = await edge.as_user("host")
    answer = await host.post("/api/v1/rooms", content=content, headers={"content-type": kind})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_a_body_too_long_is_refused_announced_or_not(edge: Edge) -> None:
    host = await edge.as_user("host")
    long = json.dumps({"title": "x" * 300_000, "departments": ["price"]}).encode()

    async def dripping() -> Any:
        for start in range(0, len(long), 10_000):
            yield long[start : start + 10_000]

    kind = {"content-type": "application/json"}
    for answer in (
        await host.post("/api/v1/rooms", content=long, headers=kind),
        await host.post("/api/v1/rooms", content=dripping(), headers=kind),
        await host.post("/signout", content=long, headers={"content-type": "application/x-www-form-urlencoded"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "９", "9" * 40])
async def test_a_length_that_is_none_is_refused(edge: Edge, length: str) -> None:
    host = await edge.as_user("host")
    answer = await host.post("/api/v1/rooms", content=b"{}", headers={b"content-length": length.encode()})

    assert answer.status_code in {400, 413}


async def test_posts_are_refused_as_on_the_socket(edge: Edge) -> None:
    room = await edge.a_room()
    guest = await edge.as_user("guest")
    for wish, expected in (
        ({"body": " \u200b "}, (400, "bad_frame")),
        ({"body": 1}, (400, "bad_frame")),
        ({"kind": "shout"}, (400, "bad_frame")),
        ({"cid": ""}, (400, "bad_frame")),
        ({"body": "长" * 2_001}, (413, "too_large")),
        ({"kind": "reply", "reply_to": "0" * 26}, (403, "forbidden")),
        ({"kind": "comment", "reply_to": "0" * 26}, (404, "no_post")),
    ):
        body = {"cid": "1", "kind": "question", "body": "问", **wish}
        answer = await guest.post(f"/api/v1/rooms/{room['id']}/posts", json=body)
        assert (answer.status_code, answer.json()["code"]) == expected, wish


@pytest.mark.parametrize(("depth", "deep"), [(8, False), (7, True)])
def test_depth_counts_lists_and_maps(depth: int, deep: bool) -> None:
    assert deeper_than({"a": [{"b": [{"c": [{"d": []}]}]}]}, depth) == deep


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_no_rubbish_is_worse_than_a_refusal(seeded: Path, tmp_path: Path) -> None:
    """Many examples over one application, which therefore lives in a portal of its own."""

    async def begin() -> Edge:
        shutil.copyfile(seeded, tmp_path / "wenzheng.db")
        clock = FrozenClock()
        store = await open_store(f"sqlite:///{tmp_path / 'wenzheng.db'}", clock=clock)
        return await assemble(store, clock, GatewayOptions())

    async def ask(endpoint: Endpoint, username: str, place: str, body: object) -> httpx2.Response:
        client = await edge.as_user(username)
        path = endpoint.path.format(**dict.fromkeys(endpoint.path_parameters, place))
        # The allowances of an address are another test's.
        edge.clock.advance(1_000)
        headers = {"content-type": "application/json"}
        return await client.request(endpoint.method, path, content=json.dumps(body).encode(), headers=headers)

    with start_blocking_portal() as portal:
        edge = portal.call(begin)

        @given(data=st.data())
        @settings(max_examples=150, deadline=None)
        def try_it(data: st.DataObject) -> None:
            endpoint = data.draw(st.sampled_from([one for one in ENDPOINTS if one.body is not None]))
            username, valid = VALID[endpoint.body]  # type: ignore[index]
            fields = st.fixed_dictionaries({field: anything | st.just(valid[field]) for field in valid})
            place = data.draw(st.sampled_from(["0" * 26, "x", "%00", "\u202e"]))

            answer = portal.call(ask, endpoint, username, place, data.draw(anything | fields))

            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"

        try:
            try_it()
        finally:
            portal.call(edge.store.close)
            edge.services.accounts.close()
