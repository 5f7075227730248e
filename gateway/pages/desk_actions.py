"""What staff do in a room by plain forms: steer, invite, answer, correct, announce, talk backstage, stage and pin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.addresses import own_origin
from gateway.auth import actor_of
from gateway.guard import GuardedRoute
from gateway.pages.desk_room import Invitation, show_desk_room
from gateway.pages.forms import needed, number, read_form, room_id, text
from gateway.pages.room import Draft
from gateway.pages.said import back_to
from gateway.services import Services
from kernel.ids import DepartmentId, PostId, RoomId
from kernel.permissions import Action, Actor
from kernel.refusals import Refusal
from rooms.model import PostKind, PostState

# Does the thing and answers what the page says afterwards.
Deed = Callable[[Actor, RoomId, FormData], Awaitable[str]]


def routes(services: Services) -> list[Route]:
    deeds = _Deeds(services)
    return [
        _form(services, "steer", deeds.steer, Action.ROOM_STEER, Action.ROOM_FREEZE),
        _form(services, "reply", deeds.reply, Action.POST_REPLY),
        _form(services, "notice", deeds.notice, Action.POST_NOTICE),
        _form(services, "note", deeds.note, Action.POST_NOTE),
        _form(services, "correct", deeds.correct, Action.POST_REVISE),
        _form(services, "mark", deeds.mark, Action.POST_STAGE, Action.POST_PIN),
        _invitations(services),
    ]


class _Deeds:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def steer(self, actor: Actor, room: RoomId, form: FormData) -> str:
        verb = needed(form, "verb")
        if verb in {"freeze", "thaw"}:
            await self._services.rooms.set(actor, room, {}, verb == "freeze")
        else:
            await self._services.rooms.change(actor, room, verb)
        return "steered"

    async def reply(self, actor: Actor, room: RoomId, form: FormData) -> str:
        return await self._post(actor, room, form, PostKind.REPLY, "replied")

    async def notice(self, actor: Actor, room: RoomId, form: FormData) -> str:
        return await self._post(actor, room, form, PostKind.NOTICE, "announced")

    async def note(self, actor: Actor, room: RoomId, form: FormData) -> str:
        return await self._post(actor, room, form, PostKind.NOTE, "noted")

    async def correct(self, actor: Actor, _room: RoomId, form: FormData) -> str:
        post = PostId(needed(form, "post"))
        receipt = await self._services.posting.revise(actor, post, number(form, "ver"), text(form, "body"))
        return "held" if receipt.state is PostState.PENDING else "corrected"

    async def mark(self, actor: Actor, _room: RoomId, form: FormData) -> str:
        post, wish = PostId(needed(form, "post")), needed(form, "do")
        if wish in {"stage", "unstage"}:
            await self._services.rooms.stage(actor, post, wish == "stage")
        elif wish in {"pin", "unpin"}:
            await self._services.rooms.pin(actor, post, wish == "pin")
        else:
            raise Refusal("bad_request", field="do")
        return "marked"

    async def _post(self, actor: Actor, room: RoomId, form: FormData, kind: PostKind, done: str) -> str:
        reply_to = text(form, "reply_to")
        receipt = await self._services.posting.submit(
            actor,
            room,
            cid=needed(form, "cid"),
            kind=kind,
            body=text(form, "body"),
            reply_to=PostId(reply_to) if reply_to else None,
        )
        if receipt.state is PostState.REJECTED:
            return "refused"
        return "held" if receipt.state is PostState.PENDING else done


def _form(services: Services, name: str, deed: Deed, *actions: Action) -> Route:
    async def act(request: Request) -> Response:
        room = room_id(request)
        form = await read_form(request)
        try:
            said = await deed(actor_of(request), room, form)
        except Refusal as refusal:
            draft = Draft(body=text(form, "body"), kind=name, reply_to=text(form, "reply_to") or None)
            return await show_desk_room(request, services, room, refusal=refusal, draft=draft)
        return back_to(request, services, f"/desk/rooms/{room}", said)

    return GuardedRoute(f"/desk/rooms/{{room}}/{name}", act, action=actions, methods=["POST"], name=f"desk_{name}")


def _invitations(services: Services) -> Route:
    async def desk_invite(request: Request) -> Response:
        room = room_id(request)
        department = DepartmentId(needed(await read_form(request), "department"))
        code, secret = await services.rooms.invite(actor_of(request), room, department)
        invited = next(one for one in (await services.rooms.get(room)).departments if one.id == department)
        url = f"{own_origin(services.options, request.scope)}/signin#invite={secret}"
        # Answered without a redirect: the secret is in no cookie and no address.
        return await show_desk_room(request, services, room, invitation=Invitation(invited.name, code, url))

    return GuardedRoute("/desk/rooms/{room}/invitations", desk_invite, action=Action.ROOM_INVITE, methods=["POST"])
