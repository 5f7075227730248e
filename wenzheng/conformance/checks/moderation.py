"""Between the netizen and the public: nothing undecided is shown, and one verdict counts."""

from __future__ import annotations

from contextlib import AsyncExitStack

from wenzheng.conformance.stage import Stage
from wenzheng.conformance.verdict import equal, fields, require
from wenzheng.conformance.wire import Wire


async def unseen(stage: Stage) -> None:
    """A question that waits, or was rejected, reaches nobody: no viewer, department, host, snapshot or API."""
    secret = stage.fresh("未审")
    async with AsyncExitStack() as sockets:
        viewer = await sockets.enter_async_context(stage.open())
        backstage = [
            await sockets.enter_async_context(stage.open(member))
            for member in (stage.people.respondent, stage.people.host)
        ]
        moderator = await sockets.enter_async_context(stage.open(stage.people.moderator))
        await viewer.join(stage.room)
        for wire in backstage:
            await wire.join(stage.room, "pub", "desk")
        asked = await stage.asked(secret)
        require(asked.get("seq") is None, "a question that waits has a number")
        await _nobody_saw(stage, [viewer, *backstage], secret)
        waiting = await stage.pulled(moderator, asked["post"])
        decided = await moderator.ask(
            "mod.decide", post=asked["post"], ver=waiting["ver"], verdict="reject", reason="off_topic"
        )
        equal(decided["state"], "rejected", "the state of what was rejected")
        await _nobody_saw(stage, [viewer, *backstage], secret)


async def _nobody_saw(stage: Stage, wires: list[Wire], secret: str) -> None:
    """Asked after a later notice has arrived everywhere, so that what was to come has come."""
    later = await stage.notice()
    for wire in wires:
        await wire.reaches(stage.room, later["seq"])
        require(not wire.said(secret), "an unapproved text came over a socket")
    async with stage.open() as newcomer:
        await newcomer.join(stage.room)
        require(not newcomer.said(secret), "an unapproved text is in a snapshot")
    api = stage.people.respondent.api
    for path in (f"events?lane=pub&after={max(0, later['seq'] - 50)}&limit=200", "questions", "transcript?format=json"):
        found = str(await api.get(f"/rooms/{stage.room}/{path}"))
        require(secret not in found, f"an unapproved text is in {path.partition('?')[0]}")


async def published(stage: Stage) -> None:
    """Published, it has the number that was answered, and everyone sees it."""
    body = stage.fresh("起步价两元能坐几站？")
    async with stage.open() as viewer, stage.open(stage.people.moderator) as moderator:
        await viewer.join(stage.room)
        asked = await stage.asked(body)
        waiting = await stage.pulled(moderator, asked["post"])
        fields(waiting, post=str, ver=int, room=str, kind=str, body=str, at=int, reasons=list, lease_until=int)
        equal(waiting["body"], body, "the body a moderator sees")
        decided = await moderator.ask("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="publish")
        equal(decided["state"], "published", "the state of what was published")
        lane = await viewer.reaches(stage.room, decided["seq"])
        item = next((item for item in lane.items if item["s"] == decided["seq"]), {})
        found = (item.get("k"), item.get("kind"), item.get("id"), item.get("body"))
        equal(found, ("msg", "question", asked["post"], body), "the item of a published question")
        equal(item["by"].get("role"), "netizen", "who asks")
        require("number" in item, "a published question has no public number")


async def one_verdict(stage: Stage) -> None:
    """The same verdict again gets the recorded answer; another one is refused."""
    asked = await stage.asked()
    async with stage.open(stage.people.moderator) as moderator:
        waiting = await stage.pulled(moderator, asked["post"])
        verdict = {"post": asked["post"], "ver": waiting["ver"], "verdict": "publish"}
        code = await moderator.refusal("mod.decide", **{**verdict, "ver": waiting["ver"] + 1})
        equal(code, "stale_version", "a verdict on a version that is not there")
        first = await moderator.ask("mod.decide", **verdict)
        again = await moderator.ask("mod.decide", **verdict)
        equal((again["state"], again["seq"]), (first["state"], first["seq"]), "the answer to the same verdict again")
        code = await moderator.refusal("mod.decide", **{**verdict, "verdict": "reject", "reason": "off_topic"})
        require(code in ("stale_version", "lease_lost"), f"a second, other verdict: {code}")


async def without_lease(stage: Stage) -> None:
    """Who has not pulled a post, or has let it go, decides nothing about it."""
    asked = await stage.asked()
    async with stage.open(stage.people.moderator) as moderator:
        waiting = await stage.pulled(moderator, asked["post"])
        await moderator.ask("mod.release", post=asked["post"], ver=waiting["ver"])
        code = await moderator.refusal("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="publish")
        equal(code, "lease_lost", "a verdict without a lease")


async def for_moderators(stage: Stage) -> None:
    """The queue is for moderators."""
    asked = await stage.asked()
    for member in (await stage.netizen(0), stage.people.respondent, stage.people.host):
        async with stage.open(member) as wire:
            equal(await wire.refusal("mod.pull", room=stage.room, n=1), "forbidden", f"mod.pull by a {member.role}")
            code = await wire.refusal("mod.decide", post=asked["post"], ver=1, verdict="publish")
            equal(code, "forbidden", f"mod.decide by a {member.role}")
