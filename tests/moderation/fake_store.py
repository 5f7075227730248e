"""A store that remembers what it was asked, for the handlers; what really happens is the contract suite's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kernel.ids import DepartmentId, PostId, RoomId, UserId
from kernel.permissions import Actor, Role
from kernel.refusals import Refusal
from moderation.commands import Pull, Pulled
from rooms.commands import PostReceipt, SubmitPost
from rooms.model import Policy, Room, RoomDepartment, RoomState, Trust

ROOM = RoomId("room")
PRICE = DepartmentId("price")
NETIZEN = Actor(UserId("g:lin"), "林小满", Role.NETIZEN, guest=True)
OTHER = Actor(UserId("g:mo"), "老莫", Role.NETIZEN, guest=True)
RESPONDENT = Actor(UserId("price1"), "陈立言", Role.RESPONDENT, PRICE)
STRANGER = Actor(UserId("water1"), "吴汀", Role.RESPONDENT, DepartmentId("water"))
HOST = Actor(UserId("host"), "方以宁", Role.HOST)
MODERATOR = Actor(UserId("mod1"), "沈括言", Role.MODERATOR)


def room(policy: Policy | None = None) -> Room:
    return Room(
        id=ROOM,
        code="ABC234",
        title="首条地铁线票价怎么定",
        summary="",
        state=RoomState.LIVE,
        policy=policy or Policy(),
        departments=(RoomDepartment(PRICE, "市物价局", "Price Bureau", "价", 1, lead=True),),
        created_by=UserId("host"),
        created_at=0,
    )


@dataclass
class FakeStore:
    """Answers every submit as the real one would for an empty room; `fail` is raised by the next commit."""

    policy: Policy = field(default_factory=Policy)
    recent: list[str] = field(default_factory=list)
    trust: Trust = Trust.NEW
    commands: list[Any] = field(default_factory=list)
    receipts: dict[tuple[str, str], PostReceipt] = field(default_factory=dict)
    fail: Refusal | None = None
    outcome: Any = None

    async def room(self, room_id: RoomId) -> Room | None:
        return room(self.policy) if room_id == ROOM else None

    async def post_room(self, post: PostId) -> RoomId | None:
        return ROOM if post != "unknown" else None

    async def surroundings(
        self, room_id: RoomId, user: UserId, kind: object
    ) -> tuple[Room | None, tuple[str, ...], Trust]:
        return await self.room(room_id), tuple(self.recent), self.trust

    async def receipt(self, room_id: RoomId, user: UserId, cid: str) -> PostReceipt | None:
        return self.receipts.get((user, cid))

    async def queue(self, *asked: Any) -> tuple[list[Any], None]:
        self.commands.append(asked)
        return [], None

    async def commit(self, command: Any) -> Any:
        if self.fail is not None:
            failure, self.fail = self.fail, None
            raise failure
        self.commands.append(command)
        if isinstance(command, SubmitPost):
            return self._submitted(command)
        if isinstance(command, Pull):
            return Pulled(())
        return self.outcome or PostReceipt(command.post, ROOM, command.judged, 2)

    def _submitted(self, command: SubmitPost) -> PostReceipt:
        key = (command.author.id, command.cid)
        if key in self.receipts:
            known = self.receipts[key]
            return PostReceipt(known.post, known.room, known.state, known.version, repeated=True)
        made = PostReceipt(command.id, command.room, command.judged, 1, reasons=command.reasons)
        self.receipts[key] = made
        return made
