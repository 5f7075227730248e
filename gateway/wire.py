"""What a client may say on a socket (contract §4): strict models, and the permission that each kind of frame needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from gateway.wire_base import MAX_SEQ, RAW_BODY_MAX, ClientFrame, Code, ObjectId, Seq, Version, WithBody
from gateway.wire_groups import ModAlike, ModAsk, ModDecideAll, ModMask, ModMerge
from kernel.permissions import Action
from kernel.refusals import Refusal
from kernel.text import STAFF_BODY_MAX, clean_text, is_blank
from rooms.model import PostKind

MAX_FRAMES: Final = 16
MAX_FETCH: Final = 200
MAX_TAIL: Final = 200
Echo = str | int | None
LaneName = Literal["pub", "desk", "mod"]


class Position(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    ep: Annotated[str, Field(max_length=64)]
    seq: Seq


class Positions(BaseModel):
    """Where the client stands, per lane."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    pub: Position | None = None
    desk: Position | None = None
    mod: Position | None = None


class Hello(ClientFrame):
    token: Annotated[str, Field(max_length=1024)] | None = None
    ticket: Annotated[str, Field(max_length=1024)] | None = None
    lang: Annotated[str, Field(max_length=64)] | None = None

    @model_validator(mode="after")
    def _one_proof(self) -> Hello:
        if self.token is not None and self.ticket is not None:
            raise PydanticCustomError("two_proofs", "token and ticket exclude each other")
        return self


class Join(ClientFrame):
    room: ObjectId
    # pydantic copies a default for each frame.
    lanes: Annotated[list[LaneName], Field(min_length=1, max_length=8)] = ["pub"]  # noqa: RUF012
    pos: Positions | None = None
    tail: Annotated[int, Field(ge=0, le=MAX_SEQ)] = 50

    def position(self, lane: str) -> Position | None:
        found: Position | None = getattr(self.pos, lane, None)
        return found


class Leave(ClientFrame):
    room: ObjectId


class PostFrame(WithBody):
    room: ObjectId
    cid: Annotated[str, Field(min_length=1, max_length=64)]
    kind: Literal["question", "comment", "reply", "notice", "note"]
    reply_to: ObjectId | None = None


class Revise(WithBody):
    post: ObjectId
    ver: Version


class Withdraw(ClientFrame):
    post: ObjectId


class Fetch(ClientFrame):
    room: ObjectId
    lane: LaneName
    first: Annotated[int, Field(ge=1, le=MAX_SEQ, alias="from")]
    last: Annotated[int, Field(ge=1, le=MAX_SEQ, alias="to")]

    @model_validator(mode="after")
    def _range(self) -> Fetch:
        if not self.first <= self.last < self.first + MAX_FETCH:
            raise PydanticCustomError("range", "a range of 1 to 200 items")
        return self


class ModPull(ClientFrame):
    room: ObjectId | None = None
    post: ObjectId | None = None
    n: Annotated[int, Field(ge=1, le=MAX_SEQ)] = 1
    take_over: bool = False


class ModHold(ClientFrame):
    """`mod.extend`, `mod.release` and `mod.reopen`."""

    post: ObjectId
    ver: Version


class ModDecide(ModHold):
    verdict: Literal["publish", "reject"]
    reason: Code | None = None
    note: Annotated[str, Field(max_length=2_000)] | None = None


class AppealFrame(ClientFrame):
    """Against the refusal or hiding of a post, or against a sanction: one of the two."""

    post: ObjectId | None = None
    sanction: ObjectId | None = None
    text: Annotated[str, Field(max_length=2_000)] | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> AppealFrame:
        if (self.post is None) == (self.sanction is None):
            raise PydanticCustomError("one_subject", "either post or sanction")
        return self


class ReportFrame(ClientFrame):
    post: ObjectId
    reason: Code
    note: Annotated[str, Field(max_length=1_000)] | None = None


class ModReport(ClientFrame):
    post: ObjectId
    outcome: Literal["dismissed", "redacted"]
    reason: Code | None = None
    note: Annotated[str, Field(max_length=2_000)] | None = None


class ModAppeal(ClientFrame):
    appeal: ObjectId
    outcome: Literal["upheld", "reversed"]
    note: Annotated[str, Field(max_length=2_000)] | None = None


class ModReinstate(ModHold):
    note: Annotated[str, Field(max_length=2_000)] | None = None


class Hide(ClientFrame):
    """`redact` and `restore`; `proposal`: confirms this one, and no other."""

    post: ObjectId
    reason: Code
    proposal: Seq | None = None


class DeclineFrame(ClientFrame):
    post: ObjectId
    proposal: Seq | None = None
    note: Annotated[str, Field(max_length=2_000)] | None = None


class Switch(ClientFrame):
    """`pin` and `stage`."""

    post: ObjectId
    on: bool


class VoteFrame(ClientFrame):
    post: ObjectId
    v: Annotated[int, Field(ge=-1, le=1)]


class PolicyPatch(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    premoderate: bool = True
    staff: Literal["auto", "review"] = "auto"
    guests: bool = True
    before: bool = True
    after: bool = False
    slow_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 0
    trust: Literal["nobody", "trusted", "known"] = "nobody"
    two_person: bool = False


class RoomPatch(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    policy: PolicyPatch | None = None
    freeze: bool | None = None
    hold: bool | None = None
    verified: bool | None = None
    until: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    why: Annotated[str, Field(max_length=1_000)] = ""


class RoomSet(ClientFrame):
    room: ObjectId
    set: RoomPatch

    def policy(self) -> dict[str, object]:
        """Only the fields that were given."""
        return {} if self.set.policy is None else self.set.policy.model_dump(exclude_unset=True)


class PresenceFrame(ClientFrame):
    room: ObjectId
    post: ObjectId | None = None
    doing: Literal["reading", "writing", "idle"]


class DraftFrame(ClientFrame):
    """Cleaned as a body is, but may be empty: then there is no draft any more."""

    room: ObjectId
    post: ObjectId
    body: Annotated[str, Field(max_length=STAFF_BODY_MAX)]
    ver: Seq

    @model_validator(mode="before")
    @classmethod
    def _clean_body(cls, values: Any) -> Any:
        body = values.get("body") if isinstance(values, dict) else None
        if not isinstance(body, str):
            return values
        if len(body) > RAW_BODY_MAX or len(cleaned := clean_text(body)) > STAFF_BODY_MAX:
            raise PydanticCustomError("too_large", "draft is too long")
        return {**values, "body": "" if is_blank(cleaned) else cleaned}


@dataclass(frozen=True, slots=True)
class Command:
    """One kind of client frame: its model, and the actions of which one must be granted to the role somewhere.

    Whether it is granted for *this* room or post is asked by the handler, of every object anew.
    """

    model: type[ClientFrame]
    actions: tuple[Action, ...]


POST_ACTIONS: Final[Mapping[PostKind, Action]] = MappingProxyType(
    {
        PostKind.QUESTION: Action.POST_QUESTION,
        PostKind.COMMENT: Action.POST_COMMENT,
        PostKind.REPLY: Action.POST_REPLY,
        PostKind.NOTICE: Action.POST_NOTICE,
        PostKind.NOTE: Action.POST_NOTE,
    }
)

COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "hello": Command(Hello, (Action.SOCKET_OPEN,)),
        "join": Command(Join, (Action.ROOM_READ,)),
        "leave": Command(Leave, (Action.ROOM_READ,)),
        "fetch": Command(Fetch, (Action.LANE_PUB, Action.LANE_DESK, Action.LANE_MOD)),
        "post": Command(PostFrame, tuple(POST_ACTIONS.values())),
        "revise": Command(Revise, (Action.POST_REVISE,)),
        "withdraw": Command(Withdraw, (Action.POST_WITHDRAW,)),
        "mod.pull": Command(ModPull, (Action.REVIEW,)),
        "mod.extend": Command(ModHold, (Action.REVIEW,)),
        "mod.release": Command(ModHold, (Action.REVIEW,)),
        "mod.reopen": Command(ModHold, (Action.REVIEW,)),
        "mod.decide": Command(ModDecide, (Action.REVIEW,)),
        "mod.appeal": Command(ModAppeal, (Action.APPEAL_DECIDE,)),
        "mod.reinstate": Command(ModReinstate, (Action.APPEAL_DECIDE,)),
        "mod.report": Command(ModReport, (Action.REPORT_JUDGE,)),
        "report": Command(ReportFrame, (Action.REPORT_MAKE,)),
        "appeal": Command(AppealFrame, (Action.APPEAL_MAKE,)),
        "mod.mask": Command(ModMask, (Action.REVIEW,)),
        "mod.ask": Command(ModAsk, (Action.POST_ASK,)),
        "mod.alike": Command(ModAlike, (Action.REVIEW,)),
        "mod.decide_all": Command(ModDecideAll, (Action.REVIEW,)),
        "mod.merge": Command(ModMerge, (Action.REVIEW,)),
        "redact": Command(Hide, (Action.POST_REDACT,)),
        "redact.decline": Command(DeclineFrame, (Action.POST_REDACT,)),
        "restore": Command(Hide, (Action.POST_RESTORE,)),
        "pin": Command(Switch, (Action.POST_PIN,)),
        "stage": Command(Switch, (Action.POST_STAGE,)),
        "vote": Command(VoteFrame, (Action.POST_VOTE,)),
        "presence": Command(PresenceFrame, (Action.PRESENCE_TELL,)),
        "draft": Command(DraftFrame, (Action.DRAFT_SHARE,)),
        "room.set": Command(RoomSet, (Action.ROOM_TIGHTEN, Action.ROOM_FREEZE)),
    }
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """One frame of a message: either understood, or the refusal to answer it with."""

    id: Echo
    kind: str
    frame: ClientFrame | None
    refusal: Refusal | None = None


def frames_of(message: object) -> list[object]:
    """The frames of a decoded message; `bad_frame` unless it is a list of 1 to 16."""
    if not isinstance(message, list) or not 1 <= len(message) <= MAX_FRAMES:
        raise Refusal("bad_frame")
    return message


def parse(frame: object) -> Parsed:
    """Understands one frame; never raises, so that one bad frame does not stop its neighbours."""
    if not isinstance(frame, dict):
        return Parsed(None, "", None, Refusal("bad_frame"))
    echo, kind = echo_of(frame), frame.get("t")
    if not isinstance(kind, str):
        return Parsed(echo, "", None, Refusal("bad_frame", field="t"))
    command = COMMANDS.get(kind)
    if command is None:
        return Parsed(echo, "", None, Refusal("unknown_command"))
    try:
        return Parsed(echo, kind, command.model.model_validate(frame))
    except ValidationError as fault:
        return Parsed(echo, kind, None, _refusal(fault))


def echo_of(frame: object) -> Echo:
    """The id to answer under: only one that is an id, so that nothing else is ever sent back."""
    given = frame.get("id") if isinstance(frame, dict) else None
    if isinstance(given, str) and len(given) <= 64:
        return given
    if isinstance(given, int) and not isinstance(given, bool) and abs(given) <= MAX_SEQ:
        return given
    return None


def _refusal(fault: ValidationError) -> Refusal:
    errors = fault.errors(include_url=False, include_context=False, include_input=False)
    if any(error["type"] == "too_large" for error in errors):
        return Refusal("too_large", field="body")
    return Refusal("bad_frame", field=str(errors[0]["loc"][0]) if errors[0]["loc"] else None)
