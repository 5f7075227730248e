"""The call of the city's own portal: what it knows of somebody, for a code their browser can use once."""

from __future__ import annotations

from gateway.endpoints import Call
from gateway.schemas_netizens import NewVoucher, VoucherIssued
from kernel.refusals import Refusal


async def deposit_assertion(call: Call, body: NewVoucher) -> VoucherIssued:
    """Takes a signed assertion and gives a code that its browser brings to `/signin/vouched/back`."""
    if call.services.vouching is None:
        raise Refusal("not_found")
    code, expires_at = await call.services.vouching.deposit(body.assertion)
    return VoucherIssued(code=code, expires_at=expires_at)
