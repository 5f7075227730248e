"""How a hiding is answered: by its number, or that a second person must agree."""

from __future__ import annotations

from rooms.commands import Done, Proposed


def hidden_fields(done: Done | Proposed) -> dict[str, object]:
    """`seq`; of a proposal null, with `pending`, its number for this post, and until when it is open."""
    if isinstance(done, Done):
        return {"seq": done.seq}
    return {"seq": None, "pending": True, "proposal": done.proposal, "until": done.until}
