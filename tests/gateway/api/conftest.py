"""The whole application over a real SQLite store, asked in process; one signed-in client per role."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from argon2 import PasswordHasher

from accounts.assertions import Assertions
from accounts.handlers import Accounts
from accounts.model import Account, Department
from accounts.passwords import Passwords
from accounts.vouched import Pseudonyms, VouchedTokens
from accounts.vouching import Vouching
from gateway.app import create_app
from gateway.options import GatewayOptions
from gateway.services import Services
from kernel.allowances import OwnAllowances
from kernel.clock import FrozenClock
from kernel.ids import CountingIds, DepartmentId, RoomId, UserId
from kernel.permissions import Role
from moderation.handlers import Posting, Review
from moderation.lists.keeping import WordLists
from moderation.pace import Pace
from moderation.phases import standard_pipeline
from moderation.sightings import Sightings
from moderation.trust import TrustKeeping
from persistence.exporting import render_transcript
from persistence.store import Store, open_store
from rooms.handlers import Rooms
from rooms.ports import Head
from tests.accounts.portal import SHARED

PASSWORD = "wenzheng-demo"
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HOUR = 3_600_000
DEPARTMENTS = (
    Department(DepartmentId("price"), "市物价局", "Price Bureau", "价", 1),
    Department(DepartmentId("transport"), "市交通运输委", "Transport Commission", "交", 2),
    Department(DepartmentId("metro"), "市地铁公司", "Metro Company", "铁", 3),
)
STAFF = {
    "admin": (Role.ADMIN, None),
    "host": (Role.HOST, None),
    "price1": (Role.RESPONDENT, "price"),
    "metro1": (Role.RESPONDENT, "metro"),
    "moderator1": (Role.MODERATOR, None),
    "moderator2": (Role.MODERATOR, None),
    "inspector1": (Role.INSPECTOR, None),
    "evaluator1": (Role.EVALUATOR, None),
    "coordinator1": (Role.COORDINATOR, None),
}


class Quiet:
    """Stands in for the live room, which no call of the API needs."""

    def viewers(self, room: RoomId) -> int:
        return 0

    def stands(self, room: RoomId) -> Head | None:
        return None

    def on_duty(self, room: RoomId) -> bool:
        return True

    def stale(self) -> bool:
        return False


@dataclass
class Edge:
    """The application, and clients to ask it with; `tokens` are kept per username."""

    services: Services
    app: Any
    clock: FrozenClock
    store: Store
    sightings: Sightings
    clients: list[httpx2.AsyncClient] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def client(
        self, *, base_url: str = "http://testserver", address: str = "127.0.0.1", **options: Any
    ) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.app, client=(address, 5000), raise_app_exceptions=False)
        client = httpx2.AsyncClient(transport=transport, base_url=base_url, **options)
        self.clients.append(client)
        return client

    async def as_user(self, username: str) -> httpx2.AsyncClient:
        """A client with the bearer token of a member of staff; `guest` and `visitor` work too."""
        if username == "visitor":
            return self.client()
        if username not in self.tokens:
            self.tokens[username] = await self._token(username)
        return self.client(headers={"authorization": f"Bearer {self.tokens[username]}"})

    async def _token(self, username: str) -> str:
        if username.startswith("guest"):
            return self.services.accounts.create_guest("林小满")[0]
        return (await self.services.accounts.sign_in(username, PASSWORD))[0]

    async def a_room(self, **wish: Any) -> dict[str, Any]:
        host = await self.as_user("host")
        body = {"title": "首条地铁线票价怎么定", "departments": ["price"], "open": True, **wish}
        answer = await host.post("/api/v1/rooms", json=body)
        assert answer.status_code == 201, answer.text
        room: dict[str, Any] = answer.json()
        return room

    async def a_question(self, room: str, body: str = "起步价为什么是三元？", cid: str = "c1") -> dict[str, Any]:
        guest = await self.as_user("guest")
        answer = await guest.post(f"/api/v1/rooms/{room}/posts", json={"cid": cid, "kind": "question", "body": body})
        assert answer.status_code == 200, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    async def published(self, room: str, body: str = "起步价为什么是三元？", cid: str = "c1") -> str:
        """A question that went through moderation; its id."""
        await self.a_question(room, body, cid)
        moderator = await self.as_user("moderator1")
        (post,) = (await moderator.post("/api/v1/queue/pull", json={"room": room, "n": 1})).json()["posts"]
        ruling = {"ver": post["ver"], "verdict": "publish"}
        answer = await moderator.post(f"/api/v1/posts/{post['post']}/decide", json=ruling)
        assert answer.status_code == 200, answer.text
        return str(post["post"])


MakeEdge = Callable[..., Awaitable[Edge]]


@pytest.fixture(scope="session")
def seeded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the departments and the staff, made once and copied for each test."""
    path = tmp_path_factory.mktemp("seeded") / "wenzheng.db"
    shutil.copyfile(sqlite_template, path)

    async def fill() -> None:
        store = await open_store(f"sqlite:///{path}", clock=FrozenClock())
        await seed(store)
        await store.close()

    asyncio.run(fill())
    return path


@pytest.fixture
async def make_edge(tmp_path: Path, seeded: Path, anyio_backend: str) -> AsyncIterator[MakeEdge]:
    path = tmp_path / "wenzheng.db"
    shutil.copyfile(seeded, path)
    made: list[Edge] = []

    async def make(**options: Any) -> Edge:
        clock = FrozenClock()
        store = await open_store(f"sqlite:///{path}", clock=clock)
        edge = await assemble(store, clock, GatewayOptions(**options))
        made.append(edge)
        return edge

    yield make
    for edge in made:
        for client in edge.clients:
            await client.aclose()
        edge.services.accounts.close()
        await edge.store.close()


@pytest.fixture
async def edge(make_edge: MakeEdge) -> Edge:
    return await make_edge()


async def seed(store: Store) -> None:
    for department in DEPARTMENTS:
        await store.add_department(department)
    ids, stored = CountingIds(), HASHER.hash(PASSWORD)
    for username, (role, department_id) in STAFF.items():
        home = None if department_id is None else DepartmentId(department_id)
        await store.add_account(Account(UserId(ids()), username, f"{username}某", role, home, stored))


async def assemble(store: Store, clock: FrozenClock, options: GatewayOptions) -> Edge:
    ids, sightings = CountingIds(), Sightings(store, clock)
    secret = await store.deployment_secret()
    vouched = VouchedTokens(secret, SHARED)
    accounts = Accounts(store, clock, secret, 12 * HOUR, 720 * HOUR, 30_000, Passwords(HASHER), ids, vouched)
    services = Services(
        accounts=accounts,
        rooms=Rooms(store, clock, ids),
        posting=Posting(store, clock, ids, standard_pipeline(), Pace(OwnAllowances(clock)), sightings=sightings),
        review=Review(store, clock, ids),
        store=store,
        live=Quiet(),
        options=options,
        clock=clock,
        render_transcript=render_transcript,
        words=WordLists(store, clock),
        vouching=Vouching(store, clock, Assertions(SHARED), Pseudonyms(secret), vouched, 12 * HOUR),
        trust=TrustKeeping(store, clock),
    )
    return Edge(services, create_app(services), clock, store, sightings)
