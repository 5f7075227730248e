"""What `--demo` adds to a server: data in an empty store, a word to whoever started it, a crowd that asks."""

from __future__ import annotations

import logging

from gateway.services import Services
from kernel.clock import Clock
from kernel.refusals import Refusal
from persistence.store import Store
from rooms.model import RoomState
from rooms.ports import RoomStore
from wenzheng.crowd import Crowd, Tools
from wenzheng.demo import DEMO_PASSWORD, seed_demo

_PEOPLE = (
    ("host", "主持人", "host"),
    ("moderator1 moderator2", "审核员", "moderators"),
    ("price1 price2", "市物价局", "Price Bureau"),
    ("transport1", "市交通运输委", "Transport Commission"),
    ("metro1", "市地铁公司", "Metro Company"),
    ("admin coordinator1", "管理、协调", "programme office"),
    ("inspector1 evaluator1", "巡查、评估", "inspection"),
)
_ROOMS_TOLD = 4

_log = logging.getLogger(__name__)


async def seed(store: Store, clock: Clock) -> None:
    """Nothing, if the store holds anything."""
    rooms = await seed_demo(store, clock)
    if rooms:
        _log.info("seeded an empty store", extra={"rooms": len(rooms)})


async def announcement(store: RoomStore, origin: str, *, demo: bool) -> str:
    """What the terminal of whoever started us is told, on standard output; logs go to standard error."""
    lines = ["", f"  问政 Wenzheng   {origin}", ""]
    if demo:
        try:
            live, _ = await store.rooms(RoomState.LIVE, None, _ROOMS_TOLD)
        except Refusal:
            live = []
        lines += [f"  直播中 live     {origin}/rooms/{room.id}   {room.title}" for room in live]
        lines += ["", f"  登录 sign in    {origin}/signin   密码 password: {DEMO_PASSWORD}"]
        lines += [f"    {names:<24}{title}  {meaning}" for names, title, meaning in _PEOPLE]
        lines += [""]
    return "\n".join([*lines, ""])


async def demonstrate(services: Services, *, moderator: bool) -> None:
    """Citizens who ask, until cancelled; with `moderator`, somebody who lets them through."""
    tools = Tools(services.store, services.rooms, services.posting, services.review, services.clock)
    await Crowd(tools, moderator=moderator).run()
