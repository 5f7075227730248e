"""Word lists: read, compared, tried, published as a new version, taken out as a file."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from gateway.endpoints import Call
from gateway.schemas_words import (
    ListChange,
    ListDiff,
    ListDiffQuery,
    ListExportQuery,
    ListHeads,
    ListPublication,
    ListQuery,
    ListShown,
    ListStanding,
    ListTold,
    ListTrial,
    ListTrialResult,
    ListVersions,
    ListVersionsQuery,
    TermShown,
)
from kernel.ids import RoomId
from kernel.refusals import Refusal
from moderation.lists.keeping import DIFF_MAX, Change, WordLists
from moderation.lists.model import CITY, ListVersion, read_written
from moderation.wordlist import Term


async def list_word_lists(call: Call) -> ListHeads:
    """Every scope that has a list: `city`, or a room."""
    heads = await _lists(call).heads(call.actor)
    in_force = call.services.words_in_force()
    items = [
        ListStanding(scope=scope, number=head.number, in_force=in_force.get(scope)) for scope, head in heads.items()
    ]
    return ListHeads(items=items, next=None)


async def read_word_list(call: Call, scope: str, query: ListQuery) -> ListShown:
    """A list with its terms: the newest version, or the numbered one."""
    version = await _lists(call).read(call.actor, await _scope(call, scope), query.number)
    texts = {"terms": version.terms, "exceptions": version.exceptions}
    return ListShown.model_validate({**version.to_wire(), **texts})


async def list_word_list_versions(call: Call, scope: str, query: ListVersionsQuery) -> ListVersions:
    """Who changed the list when and why, newest first."""
    versions, after = await _lists(call).versions(call.actor, await _scope(call, scope), query.cursor, query.limit)
    return ListVersions(items=[_told(one) for one in versions], next=None if after is None else str(after))


async def compare_word_lists(call: Call, scope: str, query: ListDiffQuery) -> ListDiff:
    """What one version has that another has not."""
    found = await _lists(call).difference(call.actor, await _scope(call, scope), query.older, query.newer)
    parts = {"added": found.added, "removed": found.removed, "changed": found.changed}
    exceptions = {"exceptions_added": found.exceptions_added, "exceptions_removed": found.exceptions_removed}
    return ListDiff(
        counts={name: len(every) for name, every in (*parts.items(), *exceptions.items())},
        added=_shown(found.added),
        removed=_shown(found.removed),
        changed=_shown(found.changed),
        exceptions_added=list(found.exceptions_added[:DIFF_MAX]),
        exceptions_removed=list(found.exceptions_removed[:DIFF_MAX]),
    )


async def publish_word_list(call: Call, scope: str, body: ListPublication) -> ListTold:
    """Publishes the next version; every node judges by it within two seconds."""
    return _told(
        await _lists(call).publish(call.actor, await _scope(call, scope), _change(body), body.based_on, body.reason)
    )


async def try_word_list(call: Call, scope: str, body: ListTrial) -> ListTrialResult:
    """What a change would have done to the newest texts of the scope; nothing is stored."""
    trial = await _lists(call).try_out(call.actor, await _scope(call, scope), _change(body), body.n)
    return ListTrialResult.model_validate(trial.to_wire())


async def export_word_list(call: Call, scope: str, query: ListExportQuery) -> Response:
    """The terms as CSV or as plain text, or the exceptions."""
    version = await _lists(call).read(call.actor, await _scope(call, scope), query.number)
    text = version.exceptions if query.part == "exceptions" else version.terms
    if query.part == "terms" and query.format == "txt":
        text = read_written(version.terms).as_text()
    media = "text/csv" if (query.part, query.format) == ("terms", "csv") else "text/plain"
    name = f"{query.part}-{version.scope}-v{version.number}.{'csv' if media == 'text/csv' else 'txt'}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(text, headers=headers, media_type=f"{media}; charset=utf-8")


async def _scope(call: Call, scope: str) -> str:
    """The city, or a room that exists: anything else is `no_room`."""
    return scope if scope == CITY else (await call.services.rooms.get(RoomId(scope))).id


def _lists(call: Call) -> WordLists:
    if call.services.words is None:
        raise Refusal("unavailable")
    return call.services.words


def _change(body: ListChange) -> Change:
    return Change(body.terms, body.exceptions, body.put, body.remove)


def _told(version: ListVersion) -> ListTold:
    return ListTold.model_validate(version.to_wire())


def _shown(terms: Sequence[Term]) -> list[TermShown]:
    return [
        TermShown(term=term.text, category=term.category, action=term.action.value, match=sorted(term.match))
        for term in terms[:DIFF_MAX]
    ]
