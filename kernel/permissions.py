"""Who may do what: one table of role × action × scope, default deny, and the one verifier that reads it.

Every HTTP route, socket frame and lane names an `Action`; `tests/kernel/test_permissions.py` fails the build where one
does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from kernel.ids import DepartmentId, RoomId, SourceKey, UserId
from kernel.refusals import Refusal


class Role(StrEnum):
    """`VISITOR` is whoever shows no token; every other role is an account's or a guest's."""

    VISITOR = "visitor"
    NETIZEN = "netizen"
    RESPONDENT = "respondent"
    HOST = "host"
    MODERATOR = "moderator"
    INSPECTOR = "inspector"
    EVALUATOR = "evaluator"
    COORDINATOR = "coordinator"
    ADMIN = "admin"


STAFF = frozenset(Role) - {Role.VISITOR, Role.NETIZEN}


class Scope(StrEnum):
    """How far a grant reaches."""

    ANY = "any"  # every object
    PARTY = "party"  # rooms in which the actor's department answers
    OWN = "own"  # what the actor itself wrote


class Action(StrEnum):
    """Everything anybody can ask for, named `subject.verb`."""

    SESSION_CREATE = "session.create"
    SESSION_DELETE = "session.delete"
    ME_READ = "me.read"
    GUEST_CREATE = "guest.create"
    TICKET_CREATE = "ticket.create"
    DEPARTMENT_READ = "department.read"
    SOCKET_OPEN = "socket.open"
    PROCESS_READ = "process.read"  # health, readiness, metrics, the published API description, static files
    ROOM_READ = "room.read"
    ROOM_CREATE = "room.create"
    ROOM_STEER = "room.steer"  # open, pause, resume, close
    ROOM_SET = "room.set"  # policy
    ROOM_TIGHTEN = "room.tighten"  # policy, as far as it lets less through than before
    ROOM_FREEZE = "room.freeze"
    ROOM_INVITE = "room.invite"
    SEAT_TAKE = "seat.take"
    LANE_PUB = "lane.pub"
    LANE_DESK = "lane.desk"
    LANE_MOD = "lane.mod"
    POST_QUESTION = "post.question"
    POST_COMMENT = "post.comment"
    POST_REPLY = "post.reply"
    POST_NOTICE = "post.notice"
    POST_NOTE = "post.note"
    POST_ASK = "post.ask"  # the desk, about a post that is judged; and what was answered
    POST_REVISE = "post.revise"
    POST_WITHDRAW = "post.withdraw"
    POST_REDACT = "post.redact"
    POST_RESTORE = "post.restore"
    POST_PIN = "post.pin"
    POST_STAGE = "post.stage"
    POST_VOTE = "post.vote"
    REVIEW = "review"  # pull, extend, release, decide, the queue
    QUEUE_HEALTH = "queue.health"  # figures of the queue and who is on duty; no texts
    AUTHOR_READ = "author.read"  # what an author did so far, for who judges the next text
    ITEM_READ = "item.read"  # what became of a post, version by version; texts as far as they may be read
    SANCTION_SET = "sanction.set"
    REPORT_MAKE = "report.make"
    REPORT_JUDGE = "report.judge"
    EVIDENCE_OPEN = "evidence.open"  # a text under seal, with a reason
    EVIDENCE_KEEP = "evidence.keep"  # a sealed text beyond its time, for a dispute that goes on
    EVIDENCE_AUDIT = "evidence.audit"  # who sealed and who opened what, never a text
    AUDIT_READ = "audit.read"  # who changed what when, and why; never a text
    APPEAL_MAKE = "appeal.make"  # against what was decided about oneself
    APPEAL_DECIDE = "appeal.decide"  # of a colleague's decision; the list, and mending a refusal unasked
    LOOKUP_MAKE = "lookup.make"  # a code for the own posts
    LOOKUP_USE = "lookup.use"  # reading by such a code; whoever has it
    TRUST_SET = "trust.set"
    POLICY_READ = "policy.read"  # what holds posts in a room, and who switched it
    WORDS_READ = "words.read"  # word lists, their versions, and what one would do
    WORDS_SET = "words.set"
    PRESENCE_TELL = "presence.tell"  # at the desk of a room
    DRAFT_SHARE = "draft.share"  # with one's own department
    DESK_OPEN = "desk.open"  # the page; what it shows is asked for lane by lane


_EVERYONE = dict.fromkeys(Role, Scope.ANY)
_SIGNED_IN: Mapping[Role, Scope] = {role: Scope.ANY for role in Role if role is not Role.VISITOR}
_STAFF: Mapping[Role, Scope] = dict.fromkeys(STAFF, Scope.ANY)
_WORDS = {Role.MODERATOR: Scope.ANY, Role.COORDINATOR: Scope.ANY, Role.ADMIN: Scope.ANY}
_ANSWERING = {Role.RESPONDENT: Scope.PARTY, Role.HOST: Scope.ANY}

GRANTS: Mapping[Action, Mapping[Role, Scope]] = MappingProxyType(
    {
        Action.SESSION_CREATE: _EVERYONE,
        Action.SESSION_DELETE: _SIGNED_IN,
        Action.ME_READ: _SIGNED_IN,
        Action.GUEST_CREATE: _EVERYONE,
        Action.TICKET_CREATE: _STAFF,
        Action.DEPARTMENT_READ: _EVERYONE,
        Action.SOCKET_OPEN: _EVERYONE,
        Action.PROCESS_READ: _EVERYONE,
        Action.ROOM_READ: _EVERYONE,
        Action.ROOM_CREATE: {Role.HOST: Scope.ANY, Role.ADMIN: Scope.ANY, Role.COORDINATOR: Scope.ANY},
        Action.ROOM_STEER: {Role.HOST: Scope.ANY, Role.ADMIN: Scope.ANY},
        Action.ROOM_SET: {Role.HOST: Scope.ANY, Role.ADMIN: Scope.ANY},
        Action.ROOM_TIGHTEN: {Role.HOST: Scope.ANY, Role.ADMIN: Scope.ANY, Role.MODERATOR: Scope.ANY},
        Action.ROOM_FREEZE: {Role.HOST: Scope.ANY, Role.ADMIN: Scope.ANY, Role.MODERATOR: Scope.ANY},
        Action.ROOM_INVITE: {Role.HOST: Scope.ANY, Role.ADMIN: Scope.ANY, Role.COORDINATOR: Scope.ANY},
        Action.SEAT_TAKE: {Role.RESPONDENT: Scope.ANY},  # the invitation itself names the department
        Action.LANE_PUB: _EVERYONE,
        Action.LANE_DESK: {Role.RESPONDENT: Scope.PARTY, Role.HOST: Scope.ANY, Role.INSPECTOR: Scope.ANY},
        Action.LANE_MOD: {Role.MODERATOR: Scope.ANY},
        Action.POST_QUESTION: {Role.NETIZEN: Scope.ANY},
        Action.POST_COMMENT: {Role.NETIZEN: Scope.ANY},
        Action.POST_REPLY: _ANSWERING,
        Action.POST_NOTICE: _ANSWERING,
        Action.POST_NOTE: _ANSWERING,
        Action.POST_ASK: {Role.MODERATOR: Scope.ANY},
        Action.POST_REVISE: {Role.NETIZEN: Scope.OWN, Role.RESPONDENT: Scope.OWN, Role.HOST: Scope.OWN},
        Action.POST_WITHDRAW: {Role.NETIZEN: Scope.OWN, Role.RESPONDENT: Scope.OWN, Role.HOST: Scope.OWN},
        Action.POST_REDACT: {Role.MODERATOR: Scope.ANY, Role.HOST: Scope.ANY},
        Action.POST_RESTORE: {Role.MODERATOR: Scope.ANY, Role.HOST: Scope.ANY},
        Action.POST_PIN: {Role.HOST: Scope.ANY, Role.MODERATOR: Scope.ANY},
        Action.POST_STAGE: {Role.HOST: Scope.ANY, Role.MODERATOR: Scope.ANY},
        Action.POST_VOTE: _SIGNED_IN,
        Action.REVIEW: {Role.MODERATOR: Scope.ANY},
        Action.QUEUE_HEALTH: dict.fromkeys((Role.MODERATOR, Role.HOST, Role.COORDINATOR, Role.ADMIN), Scope.ANY),
        Action.AUTHOR_READ: {Role.MODERATOR: Scope.ANY},
        Action.ITEM_READ: {Role.MODERATOR: Scope.ANY, Role.INSPECTOR: Scope.ANY},
        Action.SANCTION_SET: {Role.MODERATOR: Scope.ANY},
        Action.REPORT_MAKE: _SIGNED_IN,
        Action.REPORT_JUDGE: {Role.MODERATOR: Scope.ANY},
        Action.EVIDENCE_OPEN: {Role.MODERATOR: Scope.ANY, Role.INSPECTOR: Scope.ANY},
        Action.EVIDENCE_KEEP: {Role.INSPECTOR: Scope.ANY, Role.ADMIN: Scope.ANY},
        Action.EVIDENCE_AUDIT: {Role.INSPECTOR: Scope.ANY, Role.ADMIN: Scope.ANY},
        Action.AUDIT_READ: {Role.INSPECTOR: Scope.ANY, Role.ADMIN: Scope.ANY},
        Action.APPEAL_MAKE: {Role.NETIZEN: Scope.OWN, Role.RESPONDENT: Scope.OWN, Role.HOST: Scope.OWN},
        Action.APPEAL_DECIDE: {Role.MODERATOR: Scope.ANY},
        Action.LOOKUP_MAKE: {Role.NETIZEN: Scope.OWN},
        Action.LOOKUP_USE: _EVERYONE,
        Action.TRUST_SET: {Role.MODERATOR: Scope.ANY},
        Action.POLICY_READ: {role: Scope.ANY for role in STAFF if role is not Role.RESPONDENT},
        # Whoever meets a new way of writing on a hot evening may list it: every change is a version with a name and a
        # reason, and one press brings the one before back. That it was tried before, the console asks; this does not.
        Action.WORDS_READ: _WORDS,
        Action.WORDS_SET: _WORDS,
        Action.PRESENCE_TELL: _ANSWERING,
        Action.DRAFT_SHARE: _ANSWERING,
        Action.DESK_OPEN: {Role.RESPONDENT: Scope.ANY, Role.HOST: Scope.ANY, Role.INSPECTOR: Scope.ANY},
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. `id` is None only for a visitor; a guest is a netizen whose token nobody stored.

    `verified`: a netizen the city vouches for, in the room `verified_in` alone if there is one.
    `sources`: the digests of a guest's device and address, as far as known; who has an account is known by that alone.
    """

    id: UserId | None
    name: str
    role: Role
    department: DepartmentId | None = None
    guest: bool = False
    verified: bool = False
    verified_in: RoomId | None = None
    # Where somebody sits says nothing of who they are, and is never printed.
    sources: tuple[SourceKey, ...] = field(default=(), compare=False, repr=False)

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    def is_guest_in(self, room: RoomId) -> bool:
        """Whether nobody known vouches for who writes there: what `policy.guests` and verified-only ask."""
        return self.guest or (self.verified_in is not None and self.verified_in != room)


VISITOR = Actor(id=None, name="", role=Role.VISITOR)


def require(
    actor: Actor,
    action: Action,
    *,
    parties: Collection[DepartmentId] = (),
    author: UserId | None = None,
) -> None:
    """Raises `unauthenticated` (no token shown) or `forbidden`, unless the table grants `action` to the actor here.

    `parties` are the departments answering in the room concerned, `author` is who wrote the object concerned.
    """
    if not permits(actor, action, parties=parties, author=author):
        raise Refusal("unauthenticated" if actor.role is Role.VISITOR else "forbidden")


def permits(
    actor: Actor,
    action: Action,
    *,
    parties: Collection[DepartmentId] = (),
    author: UserId | None = None,
) -> bool:
    """`require` as a question."""
    scope = GRANTS.get(action, {}).get(actor.role)
    if scope is Scope.PARTY:
        return actor.department is not None and actor.department in parties
    if scope is Scope.OWN:
        return actor.id is not None and actor.id == author
    return scope is Scope.ANY


def require_somewhere(actor: Actor, *actions: Action) -> None:
    """Raises unless the role may do one of `actions` to some object: the check at a door, before the object is known.

    So a role that could nowhere do it is told so before it learns which objects there are.
    """
    for action in actions:
        if actor.role in GRANTS.get(action, {}):
            return
    raise Refusal("unauthenticated" if actor.role is Role.VISITOR else "forbidden")
