"""Posting: once for each `cid`, corrections in the open, votes, marks, and what concerns oneself."""

from __future__ import annotations

from wenzheng.conformance.stage import Stage
from wenzheng.conformance.verdict import equal, fields, require

RESENDS = 8  # beyond the five that the pace lets through at once


async def once(stage: Stage) -> None:
    """The same `cid` is the same post, however often; with another body it is `conflict`."""
    cid, body = stage.fresh(), stage.fresh("夜班车几点收车？")
    async with stage.open(await stage.netizen()) as wire:
        first = await wire.ask("post", room=stage.room, cid=cid, kind="question", body=body)
        fields(first, post=str, state=str)
        for _ in range(RESENDS):
            again = await wire.ask("post", room=stage.room, cid=cid, kind="question", body=body)
            equal((again["post"], again["state"]), (first["post"], first["state"]), "the answer to a resend")
        code = await wire.refusal("post", room=stage.room, cid=cid, kind="question", body=body + "？")
        equal(code, "conflict", "the same cid with another body")


async def once_by_http(stage: Stage) -> None:
    """The same post by HTTP and by the socket is one."""
    cid, body = stage.fresh(), stage.fresh("公告")
    respondent = stage.people.respondent
    asked = {"cid": cid, "kind": "notice", "body": body}
    first = await respondent.api.post(f"/rooms/{stage.room}/posts", asked)
    async with stage.open(respondent) as wire:
        again = await wire.ask("post", room=stage.room, **asked)
        equal((again["post"], again["seq"]), (first["post"], first["seq"]), "the answer to a resend by the socket")


async def reply_to_nothing(stage: Stage) -> None:
    """An answer to a post that is unknown or not published: `no_post`."""
    waiting = await stage.asked()
    async with stage.open(stage.people.respondent) as wire:
        for target in ("no-such-post", waiting["post"]):
            asked = {"room": stage.room, "cid": stage.fresh(), "kind": "reply", "body": "答复"}
            code = await wire.refusal("post", **asked, reply_to=target)
            equal(code, "no_post", f"a reply to {target}")


async def correction(stage: Stage) -> None:
    """Staff correct in the open: `edit` with the new version; an old version is `stale_version`."""
    said = await stage.notice()
    corrected = stage.fresh("更正")
    async with stage.open() as viewer, stage.open(stage.people.respondent) as wire:
        await viewer.join(stage.room)
        await wire.ask("revise", post=said["post"], ver=1, body=corrected)
        code = await wire.refusal("revise", post=said["post"], ver=1, body=corrected + "！")
        equal(code, "stale_version", "a correction of a version that is no more")
        item = (await viewer.reaches(stage.room, (await stage.head())["seq"])).items[-1]
        found = (item["k"], item["id"], item.get("ver"), item.get("body"))
        equal(found, ("edit", said["post"], 2, corrected), "the item of a correction")


async def votes(stage: Stage) -> None:
    """One vote for each voter, told as `tally`."""
    said = await stage.notice()
    async with stage.open() as viewer, stage.open(await stage.netizen(0)) as voter:
        await viewer.join(stage.room)
        for value in (1, 1, -1):
            await voter.ask("vote", post=said["post"], v=value)
        frame = await viewer.until(lambda frame: frame["t"] == "tally" and frame["x"].get(said["post"]) == [0, 1])
        equal(frame["r"], stage.room, "the room of a tally")


async def marks(stage: Stage) -> None:
    """Pinned and on stage: said once, however often it is asked; a newcomer's snapshot has both."""
    said = await stage.notice()
    async with stage.open(stage.people.host) as host:
        for t in ("pin", "stage"):
            first = await host.ask(t, post=said["post"], on=True)
            again = await host.ask(t, post=said["post"], on=True)
            equal(again["seq"], first["seq"], f"the number of a second {t}")
    async with stage.open() as wire:
        await wire.join(stage.room)
        snap = wire.lanes[stage.room, "pub"].snap or {}
        for name in ("pinned", "stage"):
            require(said["post"] in snap.get(name, ()), f"{name} of a snapshot lacks the post")


async def own(stage: Stage) -> None:
    """`me` has one's own posts and how they stand; nobody else's `me` has them."""
    waiting = await stage.asked()
    async with stage.open(await stage.netizen(0)) as asker, stage.open() as other:
        mine = (await asker.join(stage.room))["me"] or {}
        states = {one["post"]: one["state"] for one in mine.get("posts", ())}
        equal(states.get(waiting["post"]), "pending", "the state of one's own post in me")
        theirs = (await other.join(stage.room))["me"] or {}
        equal(theirs.get("posts") or [], [], "the posts of nobody in me")
