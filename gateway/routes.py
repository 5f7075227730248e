"""Every way in over HTTP, in one list: its method, its path, and the action that the permission table knows it by."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from gateway.api import (
    appeals,
    evidence,
    groups,
    posts,
    proposals,
    reading,
    reports,
    review,
    rooms,
    session,
    shifts,
    trust,
    vouching,
    wordlists,
)
from gateway.endpoints import Endpoint
from gateway.guard import GuardedRoute
from gateway.health import healthz, readyz
from gateway.metrics import metrics
from gateway.openapi import PREFIX, openapi
from gateway.services import Services
from gateway.static_files import static_file
from kernel.permissions import Action

_POSTING = (
    Action.POST_QUESTION,
    Action.POST_COMMENT,
    Action.POST_REPLY,
    Action.POST_NOTICE,
    Action.POST_NOTE,
)
_ROOM = f"{PREFIX}/rooms/{{room}}"
_POST = f"{PREFIX}/posts/{{post}}"
_WORDS = f"{PREFIX}/wordlists"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", f"{PREFIX}/session", session.sign_in, Action.SESSION_CREATE, allowance="sign_in"),
    Endpoint("DELETE", f"{PREFIX}/session", session.sign_out, Action.SESSION_DELETE),
    Endpoint("GET", f"{PREFIX}/me", session.read_me, Action.ME_READ),
    Endpoint("POST", f"{PREFIX}/guests", session.create_guest, Action.GUEST_CREATE, status=201, allowance="guest"),
    Endpoint("POST", f"{PREFIX}/vouchers", vouching.deposit_assertion, Action.GUEST_CREATE, status=201),
    Endpoint("POST", f"{PREFIX}/tickets", session.create_ticket, Action.TICKET_CREATE),
    Endpoint("GET", f"{PREFIX}/departments", rooms.list_departments, Action.DEPARTMENT_READ),
    Endpoint("POST", f"{PREFIX}/rooms", rooms.create_room, Action.ROOM_CREATE, status=201),
    Endpoint("GET", f"{PREFIX}/rooms", rooms.list_rooms, Action.ROOM_READ),
    Endpoint("GET", _ROOM, rooms.get_room, Action.ROOM_READ),
    Endpoint("PATCH", _ROOM, rooms.set_room, Action.ROOM_TIGHTEN, Action.ROOM_FREEZE),
    Endpoint("POST", f"{_ROOM}/open", rooms.open_room, Action.ROOM_STEER),
    Endpoint("POST", f"{_ROOM}/pause", rooms.pause_room, Action.ROOM_STEER),
    Endpoint("POST", f"{_ROOM}/resume", rooms.resume_room, Action.ROOM_STEER),
    Endpoint("POST", f"{_ROOM}/close", rooms.close_room, Action.ROOM_STEER),
    Endpoint("POST", f"{_ROOM}/invitations", rooms.invite_department, Action.ROOM_INVITE),
    Endpoint("POST", f"{PREFIX}/invitations/accept", rooms.accept_secret, Action.SEAT_TAKE, allowance="accept"),
    Endpoint(
        "POST", f"{PREFIX}/invitations/{{code}}/accept", rooms.accept_invitation, Action.SEAT_TAKE, allowance="accept"
    ),
    Endpoint("POST", f"{_ROOM}/posts", posts.create_post, *_POSTING, invalid="bad_frame"),
    Endpoint("GET", f"{_ROOM}/questions", reading.list_questions, Action.ROOM_READ),
    Endpoint("GET", f"{_ROOM}/events", reading.list_events, Action.LANE_PUB, Action.LANE_DESK, Action.LANE_MOD),
    Endpoint("GET", f"{_ROOM}/mine", reading.list_my_posts, Action.ME_READ),
    Endpoint(
        "GET",
        f"{_ROOM}/transcript",
        reading.get_transcript,
        Action.ROOM_READ,
        texts=("text/csv", "text/markdown", "text/html"),
    ),
    Endpoint("GET", f"{_ROOM}/ledger", reading.get_ledger, Action.ROOM_READ),
    Endpoint("GET", f"{_ROOM}/queue", review.list_queue, Action.REVIEW),
    Endpoint("GET", f"{PREFIX}/queue", review.list_city_queue, Action.REVIEW),
    Endpoint("POST", f"{PREFIX}/queue/pull", review.pull_posts, Action.REVIEW),
    Endpoint("POST", f"{_POST}/revise", posts.revise_post, Action.POST_REVISE, invalid="bad_frame"),
    Endpoint("POST", f"{_POST}/withdraw", posts.withdraw_post, Action.POST_WITHDRAW),
    Endpoint("POST", f"{_POST}/redact", posts.redact_post, Action.POST_REDACT),
    Endpoint("POST", f"{_POST}/restore", posts.restore_post, Action.POST_RESTORE),
    Endpoint("POST", f"{_POST}/pin", posts.pin_post, Action.POST_PIN),
    Endpoint("POST", f"{_POST}/stage", posts.stage_post, Action.POST_STAGE),
    Endpoint("POST", f"{_POST}/vote", posts.vote_on_post, Action.POST_VOTE),
    Endpoint("POST", f"{_POST}/extend", review.extend_lease, Action.REVIEW),
    Endpoint("POST", f"{_POST}/release", review.release_lease, Action.REVIEW),
    Endpoint("POST", f"{_POST}/decide", review.decide_post, Action.REVIEW),
    Endpoint("POST", f"{_POST}/reopen", review.reopen_post, Action.REVIEW),
    Endpoint("POST", f"{_POST}/reinstate", appeals.reinstate_post, Action.APPEAL_DECIDE),
    Endpoint("POST", f"{_POST}/appeal", appeals.appeal_post, Action.APPEAL_MAKE),
    Endpoint("POST", f"{PREFIX}/sanctions/{{sanction}}/appeal", appeals.appeal_sanction, Action.APPEAL_MAKE),
    Endpoint("POST", f"{_POST}/report", reports.report_post, Action.REPORT_MAKE),
    Endpoint("POST", f"{_POST}/reports/decide", reports.judge_reports, Action.REPORT_JUDGE),
    Endpoint("POST", f"{_POST}/redact/decline", proposals.decline_hiding, Action.POST_REDACT),
    Endpoint("GET", f"{PREFIX}/proposals", proposals.list_proposals, Action.POST_REDACT),
    Endpoint("GET", f"{_ROOM}/proposals", proposals.list_room_proposals, Action.POST_REDACT, Action.LANE_DESK),
    Endpoint("GET", f"{PREFIX}/reports", reports.list_reports, Action.REPORT_JUDGE),
    Endpoint("POST", f"{_POST}/evidence", evidence.open_evidence, Action.EVIDENCE_OPEN),
    Endpoint("PUT", f"{_POST}/evidence/keep", evidence.keep_evidence, Action.EVIDENCE_KEEP),
    Endpoint("GET", f"{PREFIX}/evidence", evidence.list_evidence, Action.EVIDENCE_AUDIT),
    Endpoint("GET", f"{PREFIX}/appeals", appeals.list_appeals, Action.APPEAL_DECIDE),
    Endpoint("POST", f"{PREFIX}/appeals/{{appeal}}/decide", appeals.decide_appeal, Action.APPEAL_DECIDE),
    Endpoint("POST", f"{_POST}/mask", review.mask_post, Action.REVIEW),
    Endpoint("GET", f"{PREFIX}/queue/health", shifts.read_health, Action.QUEUE_HEALTH),
    Endpoint("POST", f"{PREFIX}/shift", shifts.turn_shift, Action.REVIEW),
    Endpoint("GET", f"{_POST}/alike", groups.list_alike, Action.REVIEW),
    Endpoint("POST", f"{_POST}/merge", groups.merge_posts, Action.REVIEW),
    Endpoint("POST", f"{PREFIX}/queue/decide", groups.decide_posts, Action.REVIEW),
    Endpoint("GET", f"{PREFIX}/authors/{{author}}/history", review.read_author, Action.AUTHOR_READ),
    Endpoint("POST", f"{PREFIX}/sanctions/{{sanction}}/acknowledge", review.acknowledge_sanction, Action.APPEAL_MAKE),
    Endpoint("GET", f"{PREFIX}/authors/{{author}}/neighbours", review.count_neighbours, Action.SANCTION_SET),
    Endpoint("POST", f"{PREFIX}/sanctions", review.create_sanction, Action.SANCTION_SET, status=201),
    Endpoint("DELETE", f"{PREFIX}/sanctions", review.lift_sanction, Action.SANCTION_SET),
    Endpoint("GET", f"{PREFIX}/authors/{{author}}/trust", trust.read_trust, Action.AUTHOR_READ),
    Endpoint("PUT", f"{PREFIX}/authors/{{author}}/trust", trust.say_trust, Action.TRUST_SET),
    Endpoint("GET", f"{_POST}/asked", review.list_asked, Action.POST_ASK),
    Endpoint("POST", f"{_POST}/asked", review.ask_desk, Action.POST_ASK, invalid="bad_frame"),
    Endpoint("GET", f"{_POST}/history", review.read_item, Action.ITEM_READ),
    Endpoint("GET", f"{_ROOM}/policy", trust.read_policy, Action.POLICY_READ),
    Endpoint("GET", f"{_ROOM}/policy/stakes", trust.read_stakes, Action.POLICY_READ),
    Endpoint("GET", _WORDS, wordlists.list_word_lists, Action.WORDS_READ),
    Endpoint("GET", f"{_WORDS}/{{scope}}", wordlists.read_word_list, Action.WORDS_READ),
    Endpoint("GET", f"{_WORDS}/{{scope}}/versions", wordlists.list_word_list_versions, Action.WORDS_READ),
    Endpoint("POST", f"{_WORDS}/{{scope}}/versions", wordlists.publish_word_list, Action.WORDS_SET, status=201),
    Endpoint("GET", f"{_WORDS}/{{scope}}/diff", wordlists.compare_word_lists, Action.WORDS_READ),
    Endpoint("POST", f"{_WORDS}/{{scope}}/dry-run", wordlists.try_word_list, Action.WORDS_READ),
    Endpoint(
        "GET",
        f"{_WORDS}/{{scope}}/export",
        wordlists.export_word_list,
        Action.WORDS_READ,
        media="text/csv",
        texts=("text/plain",),
    ),
    Endpoint("GET", f"{PREFIX}/openapi.json", openapi, Action.PROCESS_READ),
    Endpoint("GET", "/healthz", healthz, Action.PROCESS_READ),
    Endpoint("GET", "/readyz", readyz, Action.PROCESS_READ),
    Endpoint("GET", "/metrics", metrics, Action.PROCESS_READ, media="text/plain"),
    Endpoint("GET", "/static/{path:path}", static_file, Action.PROCESS_READ, media="*/*"),
)


def build_routes(services: Services, pages: list[Route]) -> list[BaseRoute]:
    """The routes of `ENDPOINTS` and the pages; a page without an action stops the start."""
    for page in pages:
        if not isinstance(page, GuardedRoute):
            raise TypeError(f"{page.path}: a page needs an action; make it a GuardedRoute")
    return [*(endpoint.route(services) for endpoint in ENDPOINTS), *pages]
