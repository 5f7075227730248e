"""What moderators say of several posts at once, and of parts of one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.wire_base import MAX_PULL, ClientFrame, Code, ObjectId, Version, WithBody
from kernel.text import STAFF_BODY_MAX


class Picked(BaseModel):
    """One post of several, in the version that was read."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    post: ObjectId
    ver: Version


PickedPosts = Annotated[list[Picked], Field(min_length=1, max_length=MAX_PULL)]


class ModAsk(WithBody):
    """`body` is a note for the desk; the text of the post goes nowhere."""

    post: ObjectId
    cid: Annotated[str, Field(min_length=1, max_length=64)]


class ModAlike(ClientFrame):
    post: ObjectId


class ModDecideAll(ClientFrame):
    posts: PickedPosts
    verdict: Literal["publish", "reject"]
    reason: Code | None = None
    note: Annotated[str, Field(max_length=2_000)] | None = None


class ModMerge(ClientFrame):
    post: ObjectId
    ver: Version
    posts: PickedPosts


Span = Annotated[list[Annotated[int, Field(ge=0, le=STAFF_BODY_MAX)]], Field(min_length=2, max_length=2)]


class ModMask(ClientFrame):
    """`spans` count characters, as `from` and `to` of a reason do."""

    post: ObjectId
    ver: Version
    spans: Annotated[list[Span], Field(min_length=1, max_length=50)]
    note: Annotated[str, Field(max_length=2_000)] | None = None
