"""What is thought of an author, and what holds posts in a room: shown, and said with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.endpoints import Call
from gateway.schemas_trust import EffectivePolicy, PolicyStakes, TrustShown, TrustWord
from kernel.ids import RoomId, UserId
from kernel.refusals import Refusal
from moderation.lists.model import CITY
from moderation.trust import Standing, TrustKeeping
from rooms.model import Room, StaffReview, Trust, TrustPass


async def read_trust(call: Call, author: str) -> TrustShown:
    """What is thought of an author: what the posts say, and what a moderator said."""
    return _shown(await _trust(call).standing(call.actor, UserId(author)))


async def say_trust(call: Call, author: str, body: TrustWord) -> TrustShown:
    """A moderator's word on an author, from the next post on; null takes it back."""
    level = None if body.level is None else Trust(body.level)
    return _shown(await _trust(call).say(call.actor, UserId(author), level, body.reason))


async def read_policy(call: Call, room: str) -> EffectivePolicy:
    """What holds posts in this room, from where, since when and by whom; the newest switches."""
    changes = await _trust(call).policy_changes(call.actor, RoomId(room))
    found = await call.services.rooms.get(RoomId(room))
    lists, policy = call.services.words_in_force(), found.policy.to_wire()
    return EffectivePolicy.model_validate(
        {
            "room": found.id,
            "policy": policy,
            "frozen": found.frozen,
            "holds": list(_holds(found, changes, lists, call.services.judges, call.services.clock.now_ms())),
            "changes": changes,
            "since": {name: found_in for name in policy if (found_in := _since(name, changes))},
            "made_at": found.created_at,
            "made_by": await _trust(call).room_maker(call.actor, found.id),
            "limits": call.services.pace,
        }
    )


async def read_stakes(call: Call, room: str) -> PolicyStakes:
    """What a looser policy would let through unread: how many wait, who writes, what was held and refused lately."""
    found = await call.services.rooms.get(RoomId(room))
    stakes = await _trust(call).policy_stakes(call.actor, found.id)
    return PolicyStakes.model_validate({**stakes, "viewers": call.services.live.viewers(found.id)})


def _holds(
    room: Room, changes: list[dict[str, Any]], lists: Mapping[str, int], judges: tuple[str, ...], now: int
) -> Iterator[dict[str, Any]]:
    """In the order of the phases; what nobody switched stands as the room was made."""
    emergency = room.emergency
    if emergency.until is None or emergency.until > now:
        for name in ("hold", "verified"):
            if getattr(emergency, name):
                yield {"what": f"emergency.{name}", "from": "room", "value": emergency.until}
    policy = room.policy
    switched = {"premoderate": policy.premoderate, "trust": policy.trust is not TrustPass.NOBODY}
    switched |= {"staff": policy.staff is StaffReview.REVIEW, "slow_ms": policy.slow_ms > 0}
    switched["two_person"] = policy.two_person
    for name, holds in switched.items():
        if holds:
            yield {"what": name, "from": "room", "value": policy.to_wire()[name], **_since(name, changes)}
    yield {"what": "watched", "from": "city"}
    for scope, number in lists.items():
        if scope in (CITY, room.id) and number:
            yield {"what": "wordlist", "from": "city" if scope == CITY else "room", "value": number}
    for judge in judges:
        yield {"what": judge, "from": "settings"}


def _since(name: str, changes: list[dict[str, Any]]) -> dict[str, Any]:
    """The newest switch that changed this field, `{at, by, why?}`; empty where none of the newest did."""
    for change in changes:
        now, was = change["to"].get("policy", {}), change["was"].get("policy", {})
        if now.get(name) != was.get(name):
            said = {"why": change["why"]} if change["why"] else {}
            return {"at": change["at"], "by": change["by"], **said}
    return {}


def _trust(call: Call) -> TrustKeeping:
    if call.services.trust is None:
        raise Refusal("unavailable")
    return call.services.trust


def _shown(standing: Standing) -> TrustShown:
    return TrustShown.model_validate(standing.to_wire())
