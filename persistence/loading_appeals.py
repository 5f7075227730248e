"""What a batch needs to know about appeals: those made, what they are against, and who hid what, at whose wish."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from kernel.ids import PostId, RoomId, UserId
from persistence.loading_people import sanction_of
from persistence.needs import Needs
from persistence.prepared import Prepared
from persistence.schema import event, sanction
from persistence.schema_redress import appeal
from rooms.appeals import Appealed, AppealEntry, AppealState
from rooms.model import Lane
from rooms.working_set import WorkingSet

_APPEALS = Prepared(
    lambda among: select(appeal).where(or_(among(appeal.c.post_id, "posts"), among(appeal.c.sanction_id, "sanctions")))
)
_SANCTIONS = Prepared(lambda among: select(sanction).where(among(sanction.c.id, "sanctions")))
# Of a post hidden more than once the last one counts.
_HIDERS = Prepared(
    lambda among: (
        select(event.c.ref, event.c.meta)
        .where(among(event.c.ref, "posts"), event.c.lane == Lane.MOD.value, event.c.kind == "hidden")
        .order_by(event.c.seq)
    )
)


def load_appeals(connection: Connection, ws: WorkingSet, needs: Needs) -> None:
    if needs.sanctions:
        for row in _SANCTIONS(connection, sanctions=needs.sanctions):
            ws.sanctions.load(row.id, sanction_of(row))
    if needs.appealed or needs.sanctions:
        for row in _APPEALS(connection, posts=needs.appealed, sanctions=needs.sanctions):
            found = AppealEntry(
                id=row.id,
                subject=row.subject,
                what=Appealed(row.what),
                room=None if row.room_id is None else RoomId(row.room_id),
                post=None if row.post_id is None else PostId(row.post_id),
                ver=row.version,
                sanction=row.sanction_id,
                author=UserId(row.author_id),
                text=row.body,
                against=None if row.against is None else UserId(row.against),
                reason=row.reason,
                at=row.at,
                state=AppealState(row.state),
                decided_by=None if row.decided_by is None else UserId(row.decided_by),
                decided_at=row.decided_at,
                note=row.note,
            )
            ws.appeals.load(found.subject, found)
    hidden = {one for one in needs.appealed if (post := ws.posts.get(one)) is not None and post.hidden is not None}
    # Shown again meanwhile, or hidden anew: who asked for the hiding appealed against does not judge it even then.
    hidden |= {one.post for one in ws.appeals if one.what is Appealed.HIDING and one.post is not None}
    for row in _HIDERS(connection, posts=hidden) if hidden else ():
        post_id, by = PostId(row.ref), UserId(row.meta["by"]["id"])
        ws.hiders[post_id] = by
        if "first" in row.meta:
            ws.proposers.setdefault((post_id, by), set()).add(UserId(row.meta["first"]["id"]))
