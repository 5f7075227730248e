"""The table is complete, denies by default, and every way in names an entry of it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.endpoints import Endpoint
from gateway.guard import GuardedRoute
from gateway.live.commands import HANDLERS
from gateway.options import GatewayOptions
from gateway.pages import page_routes
from gateway.routes import ENDPOINTS
from gateway.services import Services
from gateway.wire import COMMANDS
from kernel.clock import FrozenClock
from kernel.ids import DepartmentId, UserId
from kernel.permissions import GRANTS, STAFF, VISITOR, Action, Actor, Role, Scope, permits, require, require_somewhere
from kernel.refusals import Refusal
from rooms.model import Lane

PRICE = DepartmentId("price")


def an_actor(role: Role, department: DepartmentId | None = None) -> Actor:
    return VISITOR if role is Role.VISITOR else Actor(UserId(f"{role}-id"), "某人", role, department)


def test_every_action_has_a_row_that_grants_it_to_somebody() -> None:
    assert set(GRANTS) == set(Action)
    assert all(GRANTS[action] for action in Action)


def test_every_lane_has_an_action() -> None:
    assert {f"lane.{lane}" for lane in Lane} <= {action.value for action in Action}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_every_endpoint_names_actions_of_the_table(endpoint: Endpoint) -> None:
    assert endpoint.actions
    assert set(endpoint.actions) <= set(GRANTS)


@pytest.mark.parametrize("frame", HANDLERS)
def test_every_frame_names_actions_of_the_table(frame: str) -> None:
    actions = COMMANDS[frame].actions

    assert actions
    assert set(actions) <= set(GRANTS)


def test_every_page_names_actions_of_the_table() -> None:
    nothing: Any = None
    edge = Services(nothing, nothing, nothing, nothing, nothing, nothing, GatewayOptions(), FrozenClock())
    for route in page_routes(edge):
        assert isinstance(route, GuardedRoute), route.path
        assert set(route.actions) <= set(GRANTS), route.path


def test_a_route_without_an_action_cannot_be_made() -> None:
    async def page(request: Request) -> Response:
        raise AssertionError

    with pytest.raises(ValueError, match="action"):
        GuardedRoute("/nowhere", page, action=())


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_what_is_not_granted_is_denied(role: Role, action: Action) -> None:
    granted = role in GRANTS[action]

    # Given an object of somebody else's room and pen
    allowed = permits(an_actor(role, PRICE), action, parties={DepartmentId("metro")}, author=UserId("another"))

    assert allowed == (GRANTS[action].get(role) is Scope.ANY)
    assert granted or not allowed


def test_a_party_grant_reaches_rooms_of_the_own_department_only() -> None:
    respondent = an_actor(Role.RESPONDENT, PRICE)

    assert permits(respondent, Action.POST_REPLY, parties={PRICE})
    assert not permits(respondent, Action.POST_REPLY, parties={DepartmentId("metro")})
    assert not permits(respondent, Action.POST_REPLY)
    assert not permits(an_actor(Role.RESPONDENT), Action.POST_REPLY, parties={PRICE})


def test_an_own_grant_reaches_what_the_actor_wrote() -> None:
    netizen = an_actor(Role.NETIZEN)

    assert permits(netizen, Action.POST_REVISE, author=netizen.id)
    assert not permits(netizen, Action.POST_REVISE, author=UserId("another"))
    assert not permits(VISITOR, Action.POST_REVISE, author=None)


def test_a_visitor_is_asked_to_show_who_it_is_and_others_are_refused() -> None:
    for asked in (require, require_somewhere):
        with pytest.raises(Refusal) as visitor:
            asked(VISITOR, Action.REVIEW)
        with pytest.raises(Refusal) as host:
            asked(an_actor(Role.HOST), Action.REVIEW)
        assert (visitor.value.code.name, host.value.code.name) == ("unauthenticated", "forbidden")


def test_an_admin_moderates_nothing_and_an_inspector_writes_nothing() -> None:
    admin, inspector = an_actor(Role.ADMIN), an_actor(Role.INSPECTOR)

    assert not permits(admin, Action.REVIEW)
    assert not permits(admin, Action.LANE_MOD)
    assert not any(
        permits(inspector, action, parties={PRICE}, author=inspector.id)
        for action in Action
        if action.value.startswith("post.") and action is not Action.POST_VOTE
    )


def test_staff_is_everybody_with_an_account() -> None:
    assert frozenset(Role) - {Role.VISITOR, Role.NETIZEN} == STAFF
