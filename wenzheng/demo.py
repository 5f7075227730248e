"""Demo data for an empty store: departments, accounts with a published password, and rooms in every state.

Everything after the accounts goes through the handlers that people use: what is shown is what the system does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from accounts.model import Account, Department
from accounts.passwords import hash_password
from accounts.ports import AccountStore
from kernel.allowances import OwnAllowances
from kernel.clock import Clock, FrozenClock
from kernel.ids import DepartmentId, MonotonicIds, RoomId, UserId
from kernel.permissions import Actor, Role
from moderation.appeals import AppealDesk
from moderation.handlers import Posting, Review
from moderation.pace import Pace
from moderation.phases import standard_pipeline
from moderation.reports import ReportDesk
from rooms.handlers import Rooms
from wenzheng.demo_player import Player
from wenzheng.demo_story import Story, load_stories

DEMO_PASSWORD = "wenzheng-demo"  # noqa: S105  # published on purpose; `serve --demo` listens on loopback only

_DEPARTMENTS = (
    ("price", "市物价局", "Price Bureau", "价"),
    ("transport", "市交通运输委", "Transport Commission", "交"),
    ("metro", "市地铁公司", "Metro Company", "铁"),
    ("housing", "市住建局", "Housing and Construction Bureau", "房"),
    ("education", "市教育局", "Education Bureau", "教"),
    ("police", "市公安局", "Public Security Bureau", "公"),
    ("social", "市人社局", "Human Resources and Social Security Bureau", "社"),
    ("environment", "市环保局", "Environment Bureau", "环"),
)
_ACCOUNTS = (
    ("admin", "系统管理员", Role.ADMIN, None),
    ("host", "方以宁", Role.HOST, None),
    ("price1", "陈立言", Role.RESPONDENT, "price"),
    ("price2", "孟知秋", Role.RESPONDENT, "price"),
    ("housing1", "顾长庚", Role.RESPONDENT, "housing"),
    ("transport1", "高远行", Role.RESPONDENT, "transport"),
    ("metro1", "赵闻溪", Role.RESPONDENT, "metro"),
    ("moderator1", "林乔", Role.MODERATOR, None),
    ("moderator2", "何晏", Role.MODERATOR, None),
    ("inspector1", "鲁之衡", Role.INSPECTOR, None),
    ("evaluator1", "温如许", Role.EVALUATOR, None),
    ("coordinator1", "程在野", Role.COORDINATOR, None),
)


DEMO_USERS = tuple(username for username, *_ in _ACCOUNTS)


class DemoStore(AccountStore, AppealDesk, ReportDesk, Protocol):
    """What the demo writes to."""


async def seed_demo(
    store: DemoStore, clock: Clock, *, hash_one: Callable[[str], Awaitable[str]] | None = None
) -> list[RoomId]:
    """The rooms made; none, and nothing touched, if the store is not empty."""
    if await store.departments() or (await store.rooms(None, None, 1))[0]:
        return []
    hashed = await (hash_one or _hash)(DEMO_PASSWORD)
    ids = MonotonicIds(clock)
    for slot, (key, name, name_en, mark) in enumerate(_DEPARTMENTS, start=1):
        await store.add_department(Department(DepartmentId(key), name, name_en, mark, slot))
    staff: dict[str, Actor] = {}
    for username, name, role, department in _ACCOUNTS:
        where = None if department is None else DepartmentId(department)
        account = Account(UserId(ids()), username, name, role, where, hashed)
        await store.add_account(account)
        staff[username] = account.actor()
    now = clock.now_ms()
    stories = (*load_stories("zh"), *load_stories("en"))
    # Side by side: the store commits what waits together, so the rooms cost hardly more than the longest of them.
    return list(await asyncio.gather(*(_play(store, story, staff, now) for story in stories)))


async def _play(store: DemoStore, story: Story, staff: dict[str, Actor], now: int) -> RoomId:
    clock = FrozenClock(now + story.created_ms)
    ids = MonotonicIds(clock)
    named = {username: replace(actor, name=story.names.get(username, actor.name)) for username, actor in staff.items()}
    player = Player(
        Rooms(store, clock, ids),
        Posting(store, clock, ids, standard_pipeline(), Pace(OwnAllowances(clock))),
        Review(store, clock, ids),
        clock,
        named,
    )
    return await player.play(story, now)


async def _hash(password: str) -> str:
    return await asyncio.to_thread(hash_password, password)
