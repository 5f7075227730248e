"""The transcript as CSV and Markdown, and the whole record as JSON lines.

Pure functions of what `RoomReads.transcript` answers: nothing can be exported that the public page does not show.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Protocol

import orjson

from kernel.ids import RoomId
from kernel.refusals import Refusal
from rooms.model import Room, RoomState

Transcript = Mapping[str, Any]

CSV_COLUMNS = (
    "seq",
    "number",
    "kind",
    "at",
    "name",
    "role",
    "department",
    "body",
    "version",
    "corrected_at",
    "hidden",
    "id",
    "reply_to",
    "askers",
)
_LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "zh-CN": {
            "room": "访谈编号",
            "time": "时间",
            "departments": "上线部门",
            "question": "问 {number}",
            "others": "其他发言",
            "hidden": "本条已隐去，编号保留。理由：{reason}",
            "rule": "规则 {rule}",
            "corrected": "更正于 {at}",
            "askers": "{n} 人同问",
        },
        "en": {
            "room": "Room",
            "time": "Time",
            "departments": "Departments",
            "question": "Question {number}",
            "others": "Other messages",
            "hidden": "Hidden; the number stays. Reason: {reason}",
            "rule": "rule {rule}",
            "corrected": "Corrected {at}",
            "askers": "asked by {n}",
        },
    }
)
# A spreadsheet takes a cell that begins like this for a formula, also in full width, also behind blanks.
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>&#|~$!:])")
_MARKDOWN_START = re.compile(r"^(\d+)([.)])|^([-+=])", re.MULTILINE)


def to_csv(transcript: Transcript) -> str:
    """RFC 4180 with a header row, no byte order mark; no cell can act as a formula."""
    numbers = _numbers(transcript)
    departments = {department["id"]: department["name"] for department in transcript["room"]["departments"]}
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(CSV_COLUMNS)
    for item in transcript["items"]:
        row = _csv_row(transcript, item, numbers.get(item["id"]), departments)
        writer.writerow([_cell(row[column]) for column in CSV_COLUMNS])
    return file.getvalue()


def to_markdown(transcript: Transcript, language: str = "zh-CN") -> str:
    """Threads in order of their publication, then what stands outside them; nobody's text becomes mark-up."""
    labels = _LABELS.get(language, _LABELS["zh-CN"])
    return "\n\n".join(_paragraphs(transcript, labels, language)) + "\n"


def render_transcript(transcript: Transcript, form: str) -> str:
    """The transcript as `csv` or `md`; any other form is `bad_request`."""
    if form == "csv":
        return to_csv(transcript)
    if form == "md":
        return to_markdown(transcript)
    raise Refusal("bad_request", field="format")


class Exportable(Protocol):
    """The reads an export needs."""

    async def rooms(self, state: RoomState | None, cursor: str | None, limit: int) -> tuple[list[Room], str | None]: ...
    async def transcript(self, room: RoomId) -> dict[str, Any]: ...


async def export_lines(store: Exportable) -> AsyncIterator[bytes]:
    """One line of JSON for each room, newest first; never more than one transcript in memory."""
    cursor: str | None = None
    while True:
        rooms, cursor = await store.rooms(None, cursor, 100)
        for room in rooms:
            yield orjson.dumps(await store.transcript(room.id), option=orjson.OPT_APPEND_NEWLINE)
        if cursor is None:
            return


def _numbers(transcript: Transcript) -> dict[str, int]:
    """The public number of the thread each post is in."""
    numbers: dict[str, int] = {}
    for thread in transcript["questions"]:
        for item in (thread["item"], *thread["replies"]):
            numbers[item["id"]] = thread["number"]
    return numbers


def _csv_row(
    transcript: Transcript, item: Mapping[str, Any], number: int | None, departments: Mapping[str, str]
) -> dict[str, object]:
    by = item.get("by", {})
    corrected = transcript["corrected"].get(item["id"])
    department = by.get("dept")
    return {
        "seq": item["s"],
        "number": number,
        "kind": item.get("kind"),
        "at": _iso(item["at"]),
        "name": by.get("name"),
        "role": by.get("role"),
        "department": departments.get(department, department),
        "body": item.get("body"),
        "version": item.get("ver"),
        "corrected_at": _iso(corrected[-1]["at"]) if corrected else None,
        "hidden": transcript["hidden"].get(item["id"]),
        "id": item["id"],
        "reply_to": item.get("reply_to"),
        "askers": item.get("askers", 1) if item.get("kind") == "question" else None,
    }


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def _paragraphs(transcript: Transcript, labels: Mapping[str, str], language: str) -> Iterator[str]:
    room = transcript["room"]
    named = "name_en" if language == "en" else "name"
    departments = {department["id"]: department[named] for department in room["departments"]}
    yield f"# {_line(room['title'])}"
    facts = [f"- {labels['room']}: {_line(room['code'])}"]
    if (start := room["opened_at"] or room["starts_at"]) is not None:
        facts.append(f"- {labels['time']}: {_iso(start)}" + (f" – {_iso(end)}" if (end := room["closed_at"]) else ""))
    facts.append(f"- {labels['departments']}: {', '.join(_line(name) for name in departments.values())}")
    yield "\n".join(facts)
    if room["summary"]:
        yield _text(room["summary"])
    for thread in transcript["questions"]:
        yield f"## {labels['question'].format(number=thread['number'])}"
        for item in (thread["item"], *thread["replies"]):
            yield from _entry(transcript, item, departments, labels)
    threaded = _numbers(transcript)
    others: Sequence[Mapping[str, Any]] = [item for item in transcript["items"] if item["id"] not in threaded]
    if others:
        yield f"## {labels['others']}"
    for item in others:
        yield from _entry(transcript, item, departments, labels)


def _entry(
    transcript: Transcript, item: Mapping[str, Any], departments: Mapping[str, str], labels: Mapping[str, str]
) -> Iterator[str]:
    if "body" not in item:
        reason = transcript["hidden"].get(item["id"], "")
        # A reason may be the number of one of the published rules.
        reason = labels["rule"].format(rule=reason) if reason.isdecimal() else reason
        yield f"**{item['s']}** · {_iso(item['at'])}"
        yield f"*{labels['hidden'].format(reason=_line(reason))}*"
        return
    by = item["by"]
    who = [departments.get(by.get("dept"), by.get("dept") or ""), by["name"]]
    yield f"**{item['s']} · {' '.join(_line(part) for part in who if part)}** · {_iso(item['at'])}"
    yield _text(item["body"])
    if item.get("askers", 1) > 1:
        yield f"*{labels['askers'].format(n=item['askers'])}*"
    for correction in transcript["corrected"].get(item["id"], ()):
        yield f"*{labels['corrected'].format(at=_iso(correction['at']))}*"


def _line(text: str) -> str:
    """Escaped, and on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _text(text: str) -> str:
    """Escaped paragraphs; a single newline stays one. Blanks before a line would make it code."""
    lines = "\n".join(line.strip() for line in _MARKDOWN.sub(r"\\\1", text).split("\n"))
    escaped = _MARKDOWN_START.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", lines)
    return re.sub(r"(?<!\n)\n(?!\n)", "\\\\\n", escaped)


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
