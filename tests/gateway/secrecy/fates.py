"""A session in which every fate a text can have has happened once, each text with a mark found nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field

from kernel.ids import MonotonicIds, RoomId, UserId
from kernel.permissions import Actor, Role
from moderation.sightings import Source
from rooms.model import PostState
from rooms.sanctions import Via
from tests.factories import post_command
from tests.gateway.api.conftest import Edge

# Texts of an author's posts, and words that go with them; the marks are plain, so that raw bytes can be searched.
FATES = (
    "held",  # waits for a moderator
    "refused",  # by a moderator
    "stopped",  # by the phases
    "hidden",  # after it was public
    "taken",  # by its author, after it was public
    "given",  # by its author, while it waited
    "covered",  # what a moderator covered of a published text
    "joined",  # merged into another question while it waited
    "joined_shown",  # merged into another question after it was public
    "revision",  # a new text of a published post, which waits
    "appeal",  # what its author wrote to have a refusal looked at again
    "report",  # what a viewer wrote about a published post
    "proposed",  # why somebody proposed to hide an answer that everybody still sees
    "ask",  # what a moderator asked backstage about a post that waits
)


def mark(fate: str) -> str:
    return f"zqx{FATES.index(fate):02}mark"


def text_of(fate: str) -> str:
    """Ordinary words around the mark, unlike those of the others."""
    return f"{mark(fate)} 第{FATES.index(fate)}件事请问怎么办？"


def marks_in(raw: bytes) -> frozenset[str]:
    return frozenset(fate for fate in FATES if mark(fate).encode() in raw)


# From where the author writes: an address that nobody else has.
ADDRESS = "203.0.113.77"


@dataclass
class Session:
    """`posts` by fate; `shown` is the one question that everybody may read."""

    edge: Edge
    room: str
    shown: str
    author: str
    posts: dict[str, str] = field(default_factory=dict)
    # The author's address and device, and every digest of them that is made anywhere.
    sources: dict[str, str] = field(default_factory=dict)

    def seen_in(self, raw: bytes) -> frozenset[str]:
        """The fates whose text stands there, and what stands there of where the author writes from."""
        return marks_in(raw) | {name for name, value in self.sources.items() if value.encode() in raw}


async def play(edge: Edge) -> Session:
    """By the API alone, as it happens."""
    room = (await edge.a_room(policy={"premoderate": True, "two_person": True}))["id"]
    accounts = edge.services.accounts
    cookie = accounts.sources.new_cookie()
    edge.tokens["guest"] = accounts.create_guest("林小满", cookie)[0]
    author = edge.client(address=ADDRESS, headers=(await edge.as_user("guest")).headers)
    viewer = await edge.as_user("guest2")
    first = await edge.as_user("moderator1")
    shown = await edge.published(room, "大家都能看的一问", "shown")
    user = (await author.get("/api/v1/me")).json()["id"]
    session = Session(edge, room, shown, user)
    claim = accounts.sources.claim(cookie) or ""
    digests = {"device digest": accounts.sources.device(claim), "address digest": accounts.sources.address(ADDRESS)}
    session.sources = {"address": ADDRESS, "device": cookie.split(".")[1], "device claim": claim, **digests}

    async def ask(fate: str, *, publish: bool = False) -> str:
        edge.clock.advance(60_000)
        sent = {"cid": fate, "kind": "question", "body": text_of(fate)}
        answer = await author.post(f"/api/v1/rooms/{room}/posts", json=sent)
        assert answer.status_code == 200, answer.text
        post = str(answer.json()["post"])
        session.posts[fate] = post
        if publish:
            await rule(post, "publish")
        return post

    async def lease(post: str) -> None:
        answer = await first.post("/api/v1/queue/pull", json={"post": post, "n": 1})
        assert len(answer.json()["posts"]) == 1, answer.text

    async def rule(post: str, verdict: str) -> None:
        await lease(post)
        answer = await first.post(f"/api/v1/posts/{post}/decide", json={"ver": 1, "verdict": verdict, "reason": 3})
        assert answer.status_code == 200, answer.text

    async def must(answer: object) -> None:
        assert getattr(answer, "status_code", 0) in (200, 201), getattr(answer, "text", answer)

    await rule(await ask("refused"), "reject")
    await must(await author.post(f"/api/v1/posts/{session.posts['refused']}/appeal", json={"text": text_of("appeal")}))
    await ask("hidden", publish=True)
    await must(await first.post(f"/api/v1/posts/{session.posts['hidden']}/redact", json={"reason": "3"}))
    await ask("taken", publish=True)
    await must(await author.post(f"/api/v1/posts/{session.posts['taken']}/withdraw"))
    await ask("given")
    await must(await author.post(f"/api/v1/posts/{session.posts['given']}/withdraw"))
    covered = await ask("covered")
    await lease(covered)
    spans = {"ver": 1, "spans": [[0, len(mark("covered"))]]}
    await must(await first.post(f"/api/v1/posts/{covered}/mask", json=spans))
    joined = await ask("joined")
    await lease(joined)
    joined_shown = await ask("joined_shown", publish=True)
    merged = {"ver": 1, "posts": [{"post": joined, "ver": 1}, {"post": joined_shown, "ver": 1}]}
    await must(await first.post(f"/api/v1/posts/{shown}/merge", json=merged))
    reports = {"reason": "3", "note": text_of("report")}
    await must(await viewer.post(f"/api/v1/posts/{shown}/report", json=reports))
    edge.clock.advance(60_000)
    revised = await author.post(f"/api/v1/posts/{shown}/revise", json={"ver": 1, "body": text_of("revision")})
    await must(revised)
    department = await edge.as_user("price1")
    said = {"cid": "answer", "kind": "reply", "body": "三元含六公里。", "reply_to": shown}
    answer = await department.post(f"/api/v1/rooms/{room}/posts", json=said)
    await must(answer)
    await must(await first.post(f"/api/v1/posts/{answer.json()['post']}/redact", json={"reason": mark("proposed")}))
    edge.clock.advance(60_000)
    actor = Actor(UserId(user), "林小满", Role.NETIZEN, guest=True)
    stopped = post_command(
        RoomId(room), edge.clock, MonotonicIds(edge.clock), by=actor, body=text_of("stopped"), judged=PostState.REJECTED
    )
    await edge.store.commit(stopped)
    session.posts["stopped"] = stopped.id
    held = await ask("held")
    await must(await first.post(f"/api/v1/posts/{held}/asked", json={"cid": "ask", "body": text_of("ask")}))
    await edge.sightings.write()
    known = await edge.store.sources_of(UserId(user), 0)
    assert known == {Via.DEVICE: Source(digests["device digest"], 0), Via.ADDRESS: Source(digests["address digest"], 0)}
    for by in known:
        until = edge.clock.now_ms() + 3_600_000
        body = {"user": user, "until": until, "reason": "刷屏", "rule": 5, "by": by, "kind": "suspend"}
        await must(await first.post("/api/v1/sanctions", json=body))
    return session
