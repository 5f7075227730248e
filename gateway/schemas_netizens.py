"""The bodies and answers about netizens who come from the city's portal; as `gateway/schemas.py`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from accounts.assertions import ASSERTION_MAX
from gateway.schemas import Body, Id, Shown, Time

AssertionText = Annotated[
    str,
    Field(max_length=ASSERTION_MAX, description="JWT of the city's portal, HS256: {sub, exp, name?, room?, state?}"),
]


class NewGuest(Body):
    name: Annotated[str, Field(max_length=200)] | None = None
    cookie: bool = False
    # A signed word of the city's portal makes a verified netizen; then its name counts, not `name`.
    assertion: AssertionText | None = None
    room: Id | None = None  # where they mean to write: `wrong_room` if the assertion is for another


class NewVoucher(Body):
    assertion: AssertionText


class VoucherIssued(Shown):
    code: str
    expires_at: Time
