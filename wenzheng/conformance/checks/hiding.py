"""Hidden means hidden, on every way out; and what was hidden can come back."""

from __future__ import annotations

from wenzheng.conformance.stage import Stage
from wenzheng.conformance.verdict import Frame, equal, require


async def redact(stage: Stage) -> None:
    """The text goes, the number stays: live, in a replay, a snapshot, a fetch and the record."""
    secret = stage.fresh("机密")
    before = await stage.head()
    said = await stage.notice(secret)
    await stage.people.respondent.api.post(f"/posts/{said['post']}/revise", {"ver": 1, "body": secret + "（更正）"})
    async with stage.open() as viewer, stage.open(stage.people.moderator) as moderator:
        await viewer.join(stage.room, pos={"pub": {**before, "seq": (await stage.head())["seq"]}})
        hidden = await moderator.ask("redact", post=said["post"], reason="privacy")
        again = await moderator.ask("redact", post=said["post"], reason="privacy")
        equal(again["seq"], hidden["seq"], "the number of a second redact")
        item = (await viewer.reaches(stage.room, hidden["seq"])).items[-1]
        equal((item["k"], item["id"]), ("redact", said["post"]), "the item of a redaction")
        require(not viewer.said(secret), "a redaction repeats the text")
    await _gone(stage, before, said, secret)


async def _gone(stage: Stage, before: Frame, said: Frame, secret: str) -> None:
    async with stage.open() as late:
        await late.join(stage.room, pos={"pub": before})
        items = [item for item in late.lanes[stage.room, "pub"].items if item["id"] == said["post"]]
        equal([item["k"] for item in items], ["msg", "edit", "redact"], "the kinds of a replay")
        for item in items[:2]:
            expected = {"s": item["s"], "k": item["k"], "id": said["post"], "at": item["at"], "redacted": True}
            equal(item, expected, "a hidden text in a replay")
        await late.join(stage.room)
        await late.ask("fetch", room=stage.room, lane="pub", **{"from": said["seq"], "to": said["seq"] + 2})
        require(not late.said(secret), "a hidden text is in a replay, a snapshot or a fetch")
    for path in (f"events?lane=pub&after={before['seq']}", "questions", "transcript?format=json"):
        found = str(await stage.anonymous.get(f"/rooms/{stage.room}/{path}"))
        require(secret not in found, f"a hidden text is in {path.partition('?')[0]}")


async def restore(stage: Stage) -> None:
    """Shown again, with its text, at a new number."""
    body = stage.fresh("恢复")
    said = await stage.notice(body)
    async with stage.open() as viewer, stage.open(stage.people.moderator) as moderator:
        await viewer.join(stage.room)
        await moderator.ask("redact", post=said["post"], reason="privacy")
        shown = await moderator.ask("restore", post=said["post"], reason="mistake")
        item = (await viewer.reaches(stage.room, shown["seq"])).items[-1]
        equal((item["k"], item["id"], item.get("body")), ("restore", said["post"], body), "the item of a restoring")


async def for_moderators(stage: Stage) -> None:
    """A netizen hides nothing, and nobody hides what is not there."""
    said = await stage.notice()
    async with stage.open(await stage.netizen(0)) as wire:
        equal(await wire.refusal("redact", post=said["post"], reason="privacy"), "forbidden", "redact by a netizen")
    async with stage.open(stage.people.moderator) as wire:
        equal(await wire.refusal("redact", post="no-such-post", reason="privacy"), "no_post", "redact of nothing")
