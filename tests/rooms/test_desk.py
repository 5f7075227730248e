"""The desk in memory: who writes what since when, drafts of one team, and the bounds of both."""

from __future__ import annotations

import pytest

from kernel.ids import PostId
from kernel.permissions import VISITOR, Role
from rooms.desk import DRAFTS_PER_TEAM, HOSTS, PRESENT_MAX, PRESENT_MS, WRITING_MS, Desk, Doing, Draft, Present, team_of
from tests.factories import HOST, MODERATOR, PRICE

Q = PostId("q1")


def present(
    conn: str, doing: Doing = Doing.WRITING, *, dept: str | None = "price", post: str = "q1", at: int = 0
) -> Present:
    return Present(conn, f"name of {conn}", dept, PostId(post), Q, doing, at, at)


def draft(body: str, *, conn: str = "a", team: str = "price", post: str = "q1", ver: int = 1, at: int = 0) -> Draft:
    return Draft(PostId(post), team, conn, "陈立言", None if team == HOSTS else team, body, ver, at)


def test_a_repeated_presence_keeps_its_beginning_and_is_no_news() -> None:
    desk = Desk()
    desk.came(present("a", at=1_000))
    desk.presence_changed = desk.writing_changed = False

    desk.came(present("a", at=5_000))

    assert not desk.presence_changed
    assert desk.everybody()[0]["since"] == 1_000
    assert desk.writing() == [{"dept": "price", "post": Q, "since": 1_000}]


def test_the_public_sees_a_department_once_and_no_host_and_no_reader() -> None:
    desk = Desk()
    desk.came(present("a", at=2_000))
    desk.came(present("b", at=1_000, post="follow-up"))
    desk.came(present("c", Doing.READING, dept="metro"))
    desk.came(present("d", dept=None))

    assert desk.writing() == [{"dept": "price", "post": Q, "since": 1_000}]
    assert len(desk.everybody()) == 4


def test_what_only_the_desk_sees_is_no_news_for_the_public() -> None:
    desk = Desk()
    desk.came(present("a"))
    desk.writing_changed = False

    desk.came(present("b", Doing.IDLE))

    assert desk.presence_changed
    assert not desk.writing_changed


def test_who_falls_silent_writes_no_more_and_is_then_gone() -> None:
    desk = Desk()
    desk.came(present("a"))

    desk.expire(WRITING_MS + 1)
    assert (desk.writing(), desk.everybody()[0]["doing"]) == ([], "reading")

    desk.expire(PRESENT_MS + 1)
    assert desk.everybody() == []


def test_beyond_the_bound_nobody_new_is_shown() -> None:
    desk = Desk()
    for n in range(PRESENT_MAX + 5):
        desk.came(present(str(n)))
    desk.came(present("0", Doing.IDLE))

    assert len(desk.everybody()) == PRESENT_MAX
    assert desk.everybody()[0]["doing"] == "idle"


def test_the_newest_draft_of_a_team_is_kept_and_told_once() -> None:
    desk = Desk()
    desk.drafted(draft("起", ver=1))
    desk.drafted(draft("起步价", ver=3))
    desk.drafted(draft("起步", ver=2))
    desk.drafted(draft("接手了", conn="b", ver=1))

    assert [one.body for one in desk.untold()] == ["接手了"]
    assert list(desk.untold()) == []
    assert [one.body for one in desk.drafts("price")] == ["接手了"]
    assert desk.drafts("metro") == []


def test_an_emptied_draft_is_told_and_forgotten() -> None:
    desk = Desk()
    desk.drafted(draft("", ver=1))
    assert list(desk.untold()) == [], "there was none"

    desk.drafted(draft("起步价", ver=2))
    desk.drafted(draft("", ver=3))

    assert [one.body for one in desk.untold()] == [""]
    assert desk.drafts("price") == []


@pytest.mark.parametrize(
    ("by", "team"), [({"role": "respondent", "dept": "price"}, "price"), ({"role": "host"}, HOSTS)]
)
def test_a_published_answer_ends_the_draft_of_its_team_only(by: dict[str, str], team: str) -> None:
    desk = Desk()
    for each in ("price", "metro", HOSTS):
        desk.drafted(draft("稿", team=each))
    list(desk.untold())

    desk.published({"k": "msg", "kind": "reply", "reply_to": "q1", "by": by}, 9)

    assert [(one.team, one.body, one.at) for one in desk.untold()] == [(team, "", 9)]
    assert [each for each in ("price", "metro", HOSTS) if desk.drafts(each)] != ["price", "metro", HOSTS]


def test_a_hidden_or_unsigned_item_ends_nothing() -> None:
    desk = Desk()
    desk.drafted(draft("稿"))

    desk.published({"k": "msg", "redacted": True}, 9)

    assert desk.drafts("price")


def test_a_team_keeps_a_bounded_number_of_drafts() -> None:
    desk = Desk()
    for n in range(DRAFTS_PER_TEAM + 3):
        desk.drafted(draft(f"稿 {n}", post=f"q{n}"))

    assert len(desk.drafts("price")) == DRAFTS_PER_TEAM
    assert desk.drafts("price")[0].body == f"稿 {DRAFTS_PER_TEAM + 2}"
    assert sum(not one.body for one in desk.untold()) == 3, "those pushed out are ended"


def test_only_who_answers_has_a_team() -> None:
    assert (team_of(PRICE), team_of(HOST)) == ("price", HOSTS)
    assert [team_of(actor) for actor in (MODERATOR, VISITOR)] == [None, None]
    assert Role.INSPECTOR not in {PRICE.role, HOST.role}
