"""Every screen and important state, and how to get there: for axe, and for `make shots`."""

from __future__ import annotations

from dataclasses import dataclass

from tests.client import sign_in
from tests.e2e.people import Person
from tests.e2e.stage import Stage
from tests.e2e.steps import (
    Step,
    ask_one,
    behind_for_long,
    cut,
    fails,
    frozen,
    frozen_for_a_while,
    go_offline,
    hears,
    held_by_a_colleague,
    line_lost,
    many,
    muted,
    none_at_all,
    nothing_to_review,
    published,
    reads,
    refused,
    refused_by_the_store,
    room_alive,
    said,
    sent_away,
    then,
    told_of_trouble,
    unread,
    wired,
    write,
    wrong_password,
)
from tests.e2e.steps_fairness import (
    appeal_card,
    appeal_sure,
    cases_open,
    no_cases,
    own_appealed,
    own_code,
    own_page,
    own_refused,
    own_reinstated,
    report_card,
    report_form,
    report_rules,
    reversed_later,
    room_reinstated,
    taken_back,
    taken_over,
)
from tests.e2e.steps_hiding import at_the_desk, second_person
from tests.e2e.steps_policy import rules_asked, rules_over_the_card
from tests.e2e.steps_review import bulk, group, hand_over, masking, take_over
from tests.e2e.steps_sources import NEIGHBOURS, at_the_address, crowded
from tests.e2e.steps_staff import (
    after_key,
    card,
    correct,
    created,
    creating,
    creating_later,
    decided,
    desk_alive,
    emergency,
    expired,
    found_card,
    home_alive,
    invite,
    key_help,
    lost,
    nothing_left,
    open_question,
    own_card,
    pane,
    shown,
    today,
)
from tests.e2e.steps_words import list_history, list_tried

ROOMS = "**/api/v1/rooms?limit=*"
QUEUE = "**/api/v1/queue?limit=*"
CASES = "**/api/v1/*?state=open&limit=*"


@dataclass(frozen=True)
class Screen:
    """`{live}` and the like in `path` are rooms of the stage; `who` signs in first, "" is a visitor."""

    name: str
    path: str
    who: str = ""
    script: bool = True
    before: Step | None = None
    after: Step | None = None
    # The room's text answers in the page's own words, so the language matters; elsewhere one is enough for axe.
    both_languages: bool = False
    # What one reaches it by differs on a phone: a sheet instead of a column, one pane instead of three.
    own_on_phone: bool = False
    # Another state of a screen the tests look at: for `make shots` alone, which asks axe-core too.
    picture: bool = False


SCREENS = (
    Screen("portal", "/", both_languages=True),
    Screen("portal-search", "/?q=地铁"),
    Screen("portal-search-none", "/?q=天外"),
    Screen("portal-month", "/?month=2026-11"),
    Screen("portal-noscript", "/", script=False),
    Screen("room-live", "/rooms/{live}", after=room_alive, both_languages=True),
    Screen("room-noscript", "/rooms/{open}", script=False),
    Screen("room-ask", "/rooms/{open}", after=write, own_on_phone=True),
    Screen("room-mine", "/rooms/{waiting}", after=ask_one, own_on_phone=True),
    Screen("room-refused", "/rooms/{waiting}", after=refused),
    Screen("room-published", "/rooms/{written}", after=published),
    Screen("room-muted", "/rooms/{waiting}", after=muted, own_on_phone=True),
    Screen("room-unread", "/rooms/{written}", after=unread),
    Screen("room-reconnecting", "/rooms/{open}", before=wired, after=line_lost(room_alive)),
    Screen("room-offline", "/rooms/{open}", after=go_offline),
    Screen("room-behind", "/rooms/{open}", before=behind_for_long, after=told_of_trouble),
    Screen("room-store-away", "/rooms/{open}", before=refused_by_the_store, after=told_of_trouble),
    Screen("room-sent-away", "/rooms/{open}", before=sent_away(4403), after=told_of_trouble),
    Screen("room-paused", "/rooms/{paused}", after=room_alive),
    Screen("room-paused-ask", "/rooms/{paused}", after=write),
    Screen(
        "room-frozen",
        "/rooms/{empty}",
        before=hears(frozen_for_a_while),
        after=write,
    ),
    Screen("room-closed", "/rooms/{closed}", after=room_alive),
    Screen("room-scheduled", "/rooms/{scheduled}", after=room_alive),
    Screen("room-soon", "/rooms/{soon}", after=room_alive),
    Screen("room-empty", "/rooms/{empty}", after=room_alive),
    Screen("room-eventful", "/rooms/{open}", after=room_alive),
    Screen("ledger", "/rooms/{open}/ledger", both_languages=True),
    Screen("report", "/rooms/{open}", after=report_form, both_languages=True),
    Screen("my-none", "/my", script=False),
    Screen("my-waiting", "/rooms/{waiting}", after=own_page),
    Screen("my-code", "/rooms/{waiting}", after=own_code, picture=True),
    Screen("my-lookup", "/my/lookup", script=False, picture=True),
    Screen("my-refused", "/rooms/{waiting}", after=own_refused, both_languages=True),
    Screen("my-appealed", "/rooms/{waiting}", after=own_appealed),
    Screen("my-reinstated", "/rooms/{waiting}", after=own_reinstated),
    Screen("room-reinstated", "/rooms/{waiting}", after=room_reinstated, picture=True),
    Screen("transcript", "/rooms/{closed}/transcript", both_languages=True),
    Screen("transcript-running", "/rooms/{live}/transcript"),
    Screen("transcript-eventful", "/rooms/{open}/transcript"),
    Screen("signin", "/signin", both_languages=True),
    Screen("signin-invited", "/signin#invite=not-a-secret"),
    Screen("signin-refused", "/signin", after=wrong_password),
    Screen("404", "/nowhere"),
    Screen("403", "/moderation", who="price1"),
    Screen("desk", "/desk", who="host", after=home_alive),
    Screen("desk-none", "/desk", who="price1", before=reads(ROOMS, none_at_all), after=home_alive),
    Screen("desk-unavailable", "/desk", who="price1", before=fails(ROOMS), after=home_alive),
    Screen("create-room", "/desk/new", who="host", after=creating, both_languages=True),
    Screen("create-room-later", "/desk/new", who="host", after=creating_later),
    Screen("create-room-made", "/desk/new", who="host", after=created),
    Screen("desk-noscript", "/desk", who="host", script=False),
    Screen("desk-room-host", "/desk/rooms/{live}", who="host", after=desk_alive),
    Screen("desk-room-backstage", "/desk/rooms/{live}", who="price1", after=pane(2)),
    Screen("desk-room-invite", "/desk/rooms/{waiting}", who="host", after=invite, own_on_phone=True),
    Screen("desk-room-scheduled", "/desk/rooms/{scheduled}", who="host", after=desk_alive),
    Screen("desk-room-closed", "/desk/rooms/{closed}", who="host", after=desk_alive),
    Screen("desk-room-empty", "/desk/rooms/{empty}", who="price1", after=desk_alive),
    Screen("desk-room-seated", "/desk/rooms/{live}", who="price1", before=said("seated"), after=desk_alive),
    Screen(
        "desk-room-department",
        "/desk/rooms/{live}",
        who="price1",
        after=open_question,
        both_languages=True,
        own_on_phone=True,
    ),
    Screen("desk-room-correction", "/desk/rooms/{live}", who="price1", after=correct),
    Screen("desk-room-expired", "/desk/rooms/{live}", who="price1", before=wired, after=expired),
    Screen("desk-room-unreached", "/desk/rooms/{live}", who="price1", before=cut, after=told_of_trouble),
    Screen("desk-room-reconnecting", "/desk/rooms/{live}", who="price1", before=wired, after=line_lost(desk_alive)),
    Screen("desk-keys", "/desk/rooms/{live}", who="price1", after=key_help),
    Screen("desk-room-noscript", "/desk/rooms/{live}", who="host", script=False),
    Screen("moderation-queue", "/moderation", who="moderator1", after=card, both_languages=True),
    Screen("moderation-card", "/moderation", who="moderator1", after=own_card, own_on_phone=True),
    Screen("moderation-found", "/moderation", who="moderator1", after=found_card),
    Screen("moderation-rules", "/moderation", who="moderator1", after=after_key("r", ".reasons")),
    Screen("moderation-note", "/moderation", who="moderator1", after=after_key("n", "#mod-note")),
    Screen("moderation-mute", "/moderation", who="moderator1", after=after_key("u", "form.mute")),
    Screen(
        "moderation-mute-address",
        "/moderation",
        who="moderator1",
        before=reads(NEIGHBOURS, crowded),
        after=at_the_address,
        own_on_phone=True,
    ),
    Screen("moderation-undo", "/moderation", who="moderator1", after=decided),
    Screen("moderation-lost", "/moderation", who="moderator1", after=lost),
    Screen("moderation-today", "/moderation", who="moderator1", after=today),
    Screen("moderation-shown", "/moderation?room={live}", who="moderator1", after=shown),
    Screen("moderation-emergency", "/moderation", who="moderator1", before=reads(ROOMS, many), after=emergency),
    Screen("moderation-frozen", "/moderation", who="moderator1", before=reads(ROOMS, frozen), after=card),
    Screen(
        "moderation-empty",
        "/moderation",
        who="moderator2",
        before=then(nothing_to_review, reads(QUEUE, none_at_all)),
        after=nothing_left,
    ),
    Screen(
        "moderation-held",
        "/moderation",
        who="moderator2",
        before=then(nothing_to_review, reads(QUEUE, held_by_a_colleague)),
        after=nothing_left,
    ),
    Screen("moderation-group", "/moderation", who="moderator1", after=group, both_languages=True),
    Screen("moderation-mask", "/moderation", who="moderator1", after=masking),
    Screen("moderation-bulk", "/moderation", who="moderator1", after=bulk),
    Screen("moderation-take-over", "/moderation", who="moderator1", after=take_over),
    Screen("moderation-hand-over", "/moderation", who="moderator1", after=hand_over),
    Screen("moderation-undone", "/moderation", who="moderator1", after=taken_back, picture=True),
    Screen("moderation-reversed", "/moderation", who="moderator1", after=reversed_later, picture=True),
    Screen("moderation-taken", "/moderation", who="moderator1", after=taken_over, picture=True),
    Screen("moderation-appeal", "/moderation", who="moderator1", after=appeal_card, own_on_phone=True),
    Screen("moderation-appeal-sure", "/moderation", who="moderator1", after=appeal_sure, picture=True),
    Screen("moderation-report", "/moderation", who="moderator1", after=report_card),
    Screen("moderation-report-rules", "/moderation", who="moderator1", after=report_rules, picture=True),
    Screen(
        "moderation-no-cases",
        "/moderation/cases",
        who="moderator1",
        before=reads(CASES, none_at_all),
        after=no_cases,
        picture=True,
    ),
    Screen("moderation-cases", "/moderation", who="moderator1", script=False, after=cases_open),
    Screen("words-tried", "/moderation/words", who="moderator1", after=list_tried),
    Screen("words-history", "/moderation/words", who="moderator1", after=list_history),
    Screen("audit", "/audit", who="inspector1"),
    Screen("audit-seals", "/audit?part=seals", who="inspector1"),
    Screen("audit-check", "/audit?part=check", who="admin"),
    Screen("watch", "/watch", who="coordinator1"),
    Screen("policy-asked", "/desk/rooms/{live}/policy", who="host", after=rules_asked),
    Screen("moderation-policy", "/moderation", who="moderator1", after=rules_over_the_card),
    Screen("desk-room-hiding", "/desk", who="price1", after=at_the_desk),
    Screen("moderation-hiding", "/moderation", who="moderator2", after=second_person, both_languages=True),
    Screen("moderation-noscript", "/moderation", who="moderator1", script=False),
)


async def signed_in(somebody: Person, username: str) -> None:
    """By the API and a cookie: the form has tests of its own."""
    if not username:
        return
    granted = await sign_in(somebody.base, username)
    await granted.close()
    cookie = {"name": "wz_session", "value": str(granted.token), "url": somebody.base}
    await somebody.context.add_cookies([cookie])  # type: ignore[list-item]


async def show(screen: Screen, somebody: Person, stage: Stage) -> None:
    """Somebody, signed in already where `who` says so, looks at the screen."""
    if not screen.script:
        # Not switched off but not delivered: so it also stands for the moment before any script ran.
        await somebody.page.route("**/*.js", lambda route: route.abort())
    if screen.before is not None:
        await screen.before(somebody, stage)
    await somebody.go(screen.path.format(**vars(stage)))
    if screen.after is not None:
        await screen.after(somebody, stage)
