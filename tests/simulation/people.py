"""What people do. Each deed makes its choices from a number of its own, so that others can be left out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from kernel.ids import PostId, RoomId
from kernel.permissions import Actor
from kernel.refusals import Refusal
from moderation.commands import Ruling, WaitingPost
from rooms.commands import Done, PostReceipt
from rooms.model import Lane, PostKind
from tests.factories import HOST, MODERATOR, MODERATOR_2, PRICE, guest
from tests.simulation.city import City
from tests.simulation.node import LEASE_MS, Node

GUESTS = tuple(guest(str(n)) for n in range(1, 5))
TRIES = 4


@dataclass(slots=True)
class Known:
    """A post as its author knows it."""

    post: PostId
    room: RoomId
    author: Actor
    version: int


class People:
    def __init__(self, city: City) -> None:
        self.city = city
        self.posts: list[Known] = []

    # --- those who post ---------------------------------------------------------------------------------------------

    async def ask(self, n: int) -> None:
        chance = Random(n)
        await self._post(n, chance.choice(GUESTS), PostKind.QUESTION, None)

    async def follow(self, n: int) -> None:
        """A follow-up, a reply, a notice or a note."""
        chance = Random(n)
        known = self._some(chance)
        kind = chance.choice((PostKind.COMMENT, PostKind.REPLY, PostKind.NOTICE, PostKind.NOTE))
        author = chance.choice(GUESTS) if kind is PostKind.COMMENT else PRICE
        above = known.post if known is not None and kind in (PostKind.COMMENT, PostKind.REPLY) else None
        await self._post(n, author, kind, above, known.room if known is not None else None)

    async def _post(
        self, n: int, author: Actor, kind: PostKind, reply_to: PostId | None, room: RoomId | None = None
    ) -> None:
        chance = Random(n)
        where = room or chance.choice(self.city.rooms)
        cid, body = f"c{n}", f"q{n};"
        fields = {"room": where, "author": author.id, "cid": cid, "body": body}
        again = chance.random() < 0.2

        async def send(node: Node) -> PostReceipt:
            return await node.posting.submit(author, where, cid=cid, kind=kind, body=body, reply_to=reply_to)

        for _ in range(TRIES):
            receipt = await self.city.ask(_name(author), "post", fields, send, _told)
            if isinstance(receipt, PostReceipt):
                self.posts.append(Known(receipt.post, where, author, receipt.version))
            if receipt is not None and not again:
                return
            again = False
            await asyncio.sleep(chance.uniform(0, 0.5))

    async def revise(self, n: int) -> None:
        known = self._some(Random(n))
        if known is None:
            return
        body, version, post = f"r{n};", known.version, known.post

        async def send(node: Node) -> PostReceipt:
            return await node.posting.revise(known.author, post, version, body)

        receipt = await self.city.ask(_name(known.author), "revise", {"post": post, "body": body}, send, _told)
        if isinstance(receipt, PostReceipt):
            known.version = receipt.version

    async def withdraw(self, n: int) -> None:
        known = self._some(Random(n))
        if known is not None:
            fields = {"post": known.post}
            send = _on(known.author, known.post, lambda node: node.posting.withdraw)
            await self.city.ask(_name(known.author), "withdraw", fields, send, _told)

    # --- the host ---------------------------------------------------------------------------------------------------

    async def redact(self, n: int) -> None:
        await self._steer(n, "redact", "privacy", lambda node: node.rooms.redact)

    async def restore(self, n: int) -> None:
        await self._steer(n, "restore", "mistake", lambda node: node.rooms.restore)

    async def pin(self, n: int) -> None:
        await self._steer(n, "pin", bool(n % 3), lambda node: node.rooms.pin)

    async def stage(self, n: int) -> None:
        await self._steer(n, "stage", bool(n % 3), lambda node: node.rooms.stage)

    async def _steer(self, n: int, op: str, value: Any, deed: Callable[[Node], Callable[..., Awaitable[Any]]]) -> None:
        known = self._some(Random(n))
        if known is None:
            return
        post = known.post

        async def send(node: Node) -> int:
            done = await deed(node)(HOST, post, value)
            return int(done.seq if isinstance(done, Done) else done)

        await self.city.ask("host", op, {"post": post}, send, lambda seq: {"seq": seq})

    async def set_room(self, n: int) -> None:
        """Opens and shuts the way past the moderators, pauses and resumes."""
        chance = Random(n)
        room, verb = chance.choice(self.city.rooms), chance.choice(("pause", "resume", "auto", "review"))

        async def send(node: Node) -> None:
            if verb in ("pause", "resume"):
                await node.rooms.change(HOST, room, verb)
            else:
                await node.rooms.set(HOST, room, {"premoderate": verb == "review"}, None)

        await self.city.ask("host", "room.set", {"room": room}, send, lambda _: {})

    async def open_up(self) -> None:
        async def send(node: Node) -> None:
            await node.rooms.set(HOST, self.city.rooms[0], {"premoderate": False}, None)

        await self.city.ask("host", "room.set", {"room": self.city.rooms[0]}, send, lambda _: {})

    async def vote(self, n: int) -> None:
        chance = Random(n)
        known, voter, value = self._some(chance), chance.choice(GUESTS), chance.choice((1, -1, 0))
        if known is not None:
            send = _on(voter, known.post, lambda node: lambda actor, post: node.rooms.vote(actor, post, value))
            await self.city.ask(_name(voter), "vote", {"post": known.post}, send, lambda _: {})

    # --- moderators -------------------------------------------------------------------------------------------------

    async def pull(self, n: int) -> None:
        chance = Random(n)
        moderator = chance.choice((MODERATOR, MODERATOR_2))
        room = chance.choice((None, *self.city.rooms))
        count = chance.randint(1, 4)

        async def send(node: Node) -> tuple[WaitingPost, ...]:
            return await node.review.pull(moderator, room, count)

        taken = await self.city.ask(moderator.name, "mod.pull", {"moderator": moderator.id}, send, _pulled)
        if isinstance(taken, tuple):
            for place, waiting in enumerate(taken):
                self.city.begin(self._consider(moderator, waiting, n * 8 + place))

    async def _consider(self, moderator: Actor, waiting: WaitingPost, n: int) -> None:
        """Thinks, sometimes longer than the lease lasts, and then decides, gives it back or forgets it."""
        chance = Random(n)
        await asyncio.sleep(chance.choice((0.0, 0.2, 1.1, 1.6)) * chance.uniform(0.8, 1.2) * LEASE_MS / 1_000)
        what = chance.choices(("decide", "release", "extend", "forget"), (8, 1, 2, 1))[0]
        if what == "extend":
            await self._hold(moderator, waiting, "mod.extend")
            await asyncio.sleep(chance.uniform(0.1, LEASE_MS / 1_000))
        if what == "release":
            await self._hold(moderator, waiting, "mod.release")
        if what in ("decide", "extend"):
            ruling = chance.choice((Ruling.PUBLISH, Ruling.PUBLISH, Ruling.REJECT))
            await self._decide(moderator, waiting, ruling, chance)

    async def _hold(self, moderator: Actor, waiting: WaitingPost, op: str) -> None:
        async def send(node: Node) -> Any:
            deed = node.review.extend if op == "mod.extend" else node.review.release
            return await deed(moderator, waiting.post, waiting.ver)

        await self.city.ask(moderator.name, op, _ruled(moderator, waiting), send, lambda _: {})

    async def _decide(self, moderator: Actor, waiting: WaitingPost, ruling: Ruling, chance: Random) -> None:
        async def send(node: Node) -> PostReceipt:
            return await node.review.decide(moderator, waiting.post, waiting.ver, ruling)

        fields = {**_ruled(moderator, waiting), "verdict": ruling.value}
        again = chance.random() < 0.2
        for _ in range(TRIES):
            receipt = await self.city.ask(moderator.name, "mod.decide", fields, send, _told)
            if receipt is not None and not again:
                break
            again = False
            await asyncio.sleep(chance.uniform(0, 0.5))
        if ruling is Ruling.REJECT and chance.random() < 0.3:
            await self._reopen(moderator, waiting)

    async def _reopen(self, moderator: Actor, waiting: WaitingPost) -> None:
        async def send(node: Node) -> tuple[WaitingPost, ...]:
            return await node.review.reopen(moderator, waiting.post, waiting.ver)

        await self.city.ask(moderator.name, "mod.reopen", _ruled(moderator, waiting), send, _pulled)

    # --- those who read pages ---------------------------------------------------------------------------------------

    async def read(self, n: int) -> None:
        chance = Random(n)
        room, reader = chance.choice(self.city.rooms), chance.choice(GUESTS)
        page = chance.choice(("questions", "transcript", "events", "my"))

        async def send(node: Node) -> Any:
            if node.hub.stale():
                raise Refusal("unavailable")
            if page == "questions":
                return await node.store.questions(room, None, 50)
            if page == "transcript":
                return await node.store.transcript(room)
            if page == "events":
                return await node.store.events(room, Lane.PUB, 0, 500)
            return await node.store.my(room, reader.id, 100) if reader.id is not None else None

        fields = {"own": reader.id} if page == "my" else {}
        await self.city.ask(_name(reader), "read", fields, send, lambda shown: {"raw": repr(shown)})

    # --- how --------------------------------------------------------------------------------------------------------

    def _some(self, chance: Random) -> Known | None:
        """Of the posts anybody knows, rather a new one."""
        if not self.posts:
            return None
        return self.posts[-1 - min(int(chance.expovariate(0.5)), len(self.posts) - 1)]


def _name(actor: Actor) -> str:
    return str(actor.name)


def _told(receipt: PostReceipt) -> dict[str, Any]:
    return {"post": receipt.post, "state": receipt.state.value, "seq": receipt.seq}


def _pulled(taken: tuple[WaitingPost, ...]) -> dict[str, Any]:
    return {"posts": [{"post": one.post, "ver": one.ver, "lease_until": one.lease_until} for one in taken]}


def _ruled(moderator: Actor, waiting: WaitingPost) -> dict[str, Any]:
    return {"moderator": moderator.id, "post": waiting.post, "ver": waiting.ver}


def _on(
    actor: Actor, post: PostId, deed: Callable[[Node], Callable[[Actor, PostId], Awaitable[Any]]]
) -> Callable[[Node], Awaitable[Any]]:
    async def send(node: Node) -> Any:
        return await deed(node)(actor, post)

    return send
