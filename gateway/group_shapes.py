"""How the outcomes of several posts at once are told, on sockets and over HTTP alike."""

from __future__ import annotations

from moderation.commands import Merged
from moderation.groups import One
from rooms.commands import PostReceipt


def one_shown(one: One) -> dict[str, object]:
    """`{post, state, seq?, number?}`, or `{post, code}` where this one was refused."""
    if one.receipt is None:
        return {"post": one.post, "code": one.code}
    return _receipt(one.receipt)


def merged_shown(merged: Merged) -> dict[str, object]:
    """The one question as a receipt, with `askers` and the outcome of each of the others."""
    outcomes = [
        {"post": post, "code": code} if code else {"post": post, "state": "rejected"} for post, code in merged.posts
    ]
    return {**_receipt(merged.into), "askers": merged.askers, "outcomes": outcomes}


def _receipt(receipt: PostReceipt) -> dict[str, object]:
    shown: dict[str, object] = {"post": receipt.post, "state": receipt.state.value}
    if receipt.seq is not None:
        shown["seq"] = receipt.seq
    if receipt.number is not None:
        shown["number"] = receipt.number
    return shown
