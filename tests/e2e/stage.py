"""The rooms that the screens of `screens.py` are shown with: on top of the demo, what it has no room for."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.client import Api, guest, sign_in


@dataclass(frozen=True)
class Stage:
    """Rooms by what they are there for."""

    live: str
    scheduled: str
    closed: str
    paused: str
    empty: str
    waiting: str
    soon: str
    # What is written while a picture is taken is written here, so that no other screen fills up with it.
    written: str
    # Everything a record can have happened to it: hidden, hidden and shown again, corrected; nothing is held first.
    open: str


WAITING = tuple(f"第{number}中学门口能不能设临时停车位？早上七点半最堵。" for number in range(1, 25))


async def build_stage(base: str) -> Stage:
    host = await sign_in(base, "host")
    rooms = [room for state in ("live", "scheduled", "closed") for room in await _rooms(host, state)]

    def of(state: str, word: str = "") -> str:
        return str(next(room["id"] for room in rooms if room["state"] == state and word in room["title"]))

    paused = await _room(host, "老旧小区加装电梯怎么分摊", premoderate=False)
    netizen = await guest(base, "晨跑的人")
    await _ask(netizen, paused, "stage-1", "一楼不同意，六楼出得多，这笔账怎么算？")
    await host.post(f"/rooms/{paused}/pause")
    empty = await _room(host, "公园夜间照明到几点")
    waiting = await _room(host, "学校门口的早晚高峰")
    for number, body in enumerate(WAITING):
        await _ask(netizen, waiting, f"stage-w{number}", body)
        await netizen.close()
        netizen = await guest(base, f"家长{number}")
    soon = await _room(host, "开播前四十分钟的一场", starts_in_s=2400)
    written = await _room(host, "夜班公交延到几点", premoderate=False)
    nurse = await guest(base, "夜班护士")
    await _ask(nurse, written, "stage-n1", "末班地铁以后还有夜班公交吗？")
    await nurse.close()
    happened = await _eventful(base, host, netizen)
    await netizen.close()
    await host.close()
    return Stage(of("live", "三部门"), of("scheduled"), of("closed"), paused, empty, waiting, soon, written, happened)


async def _eventful(base: str, host: Api, netizen: Api) -> str:
    room = await _room(host, "什么都发生过的一场", premoderate=False)
    first = await _ask(netizen, room, "stage-o1", "停车费按半小时还是按小时？")
    shown_again = await _ask(netizen, room, "stage-o2", "夜间停车能不能免费？")
    hidden = await _ask(netizen, room, "stage-o3", "我的电话写在这里了")
    price = await sign_in(base, "price1")
    reply = {"cid": "stage-r1", "kind": "reply", "reply_to": first, "body": "按小时。"}
    answer = await price.post(f"/rooms/{room}/posts", reply)
    await price.post(f"/posts/{answer['post']}/revise", {"ver": 1, "body": "按半小时，不足半小时不收。"})
    await price.close()
    moderator = await sign_in(base, "moderator1")
    for post in (hidden, shown_again):
        await moderator.post(f"/posts/{post}/redact", {"reason": "3"})
    await moderator.post(f"/posts/{shown_again}/restore", {"reason": "reviewed"})
    await moderator.close()
    return room


async def _rooms(api: Api, state: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (await api.get(f"/rooms?state={state}"))["items"]
    return found


async def _room(host: Api, title: str, *, starts_in_s: int = 0, **policy: object) -> str:
    wanted = {"title": title, "departments": ["price", "transport"], "policy": policy}
    when = {"starts_at": int((time.time() + starts_in_s) * 1000)} if starts_in_s else {"open": True}
    room = await host.post("/rooms", {**wanted, **when})
    return str(room["id"])


async def _ask(netizen: Api, room: str, cid: str, body: str) -> str:
    receipt = await netizen.post(f"/rooms/{room}/posts", {"cid": cid, "kind": "question", "body": body})
    return str(receipt["post"])
