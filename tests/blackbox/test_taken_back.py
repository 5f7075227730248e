"""What is hidden or taken back, by whom, and who may undo it."""

from __future__ import annotations

import pytest

from tests.blackbox.test_contract import open_room, people, pull_post
from tests.client import Live, Refused, guest
from tests.services.server import ServerProcess

pytestmark = pytest.mark.anyio

SECRET = "隐去之后三九四一"


async def test_what_a_moderator_hid_its_author_can_still_take_back(server: ServerProcess) -> None:
    async with people(server, "host", "moderator1") as by:
        room = (await open_room(by["host"]))["id"]
        netizen = await guest(server.base)
        asked = await netizen.post(f"/rooms/{room}/posts", {"cid": "1", "kind": "question", "body": SECRET})
        async with Live(server.base, token=by["moderator1"].token) as moderator:
            waiting = await pull_post(moderator, room, asked["post"])
            await moderator.ask("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="publish")
            hidden = await moderator.ask("redact", post=asked["post"], reason="privacy")
            await netizen.post(f"/posts/{asked['post']}/withdraw")
            with pytest.raises(Refused, match="forbidden"):
                await moderator.ask("restore", post=asked["post"], reason="appeal")
            again = await moderator.ask("redact", post=asked["post"], reason="privacy")
            assert again["seq"] == hidden["seq"], "already so: the seq that made it so"
        (mine,) = (await netizen.get(f"/rooms/{room}/mine"))["posts"]
        assert (mine["hidden"], mine["body"]) == ("withdrawn", "")
        assert SECRET not in str(await netizen.get(f"/rooms/{room}/events"))
        await netizen.close()


async def test_nobody_withdraws_in_the_name_of_the_author(server: ServerProcess) -> None:
    async with people(server, "host", "moderator1", "price1") as by:
        room = (await open_room(by["host"]))["id"]
        said = await by["price1"].post(f"/rooms/{room}/posts", {"cid": "1", "kind": "notice", "body": "十点开始"})
        with pytest.raises(Refused, match=r"bad_request|bad_frame"):
            await by["moderator1"].post(f"/posts/{said['post']}/redact", {"reason": "withdrawn"})
        shown = await by["host"].get(f"/rooms/{room}/events")
        assert "十点开始" in str(shown)


async def test_the_list_of_the_decided_has_no_hidden_text(server: ServerProcess) -> None:
    async with people(server, "host", "moderator1") as by:
        room = (await open_room(by["host"]))["id"]
        netizen = await guest(server.base)
        asked = await netizen.post(f"/rooms/{room}/posts", {"cid": "1", "kind": "question", "body": SECRET})
        async with Live(server.base, token=by["moderator1"].token) as moderator:
            waiting = await pull_post(moderator, room, asked["post"])
            await moderator.ask("mod.decide", post=asked["post"], ver=waiting["ver"], verdict="publish")
            decided = await by["moderator1"].get(f"/rooms/{room}/queue?state=decided")
            assert [item["body"] for item in decided["items"]] == [SECRET]
            await moderator.ask("redact", post=asked["post"], reason="privacy")
        decided = await by["moderator1"].get(f"/rooms/{room}/queue?state=decided")
        assert [item["body"] for item in decided["items"]] == [""]
        await netizen.close()
