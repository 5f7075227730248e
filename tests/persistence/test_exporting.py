"""The transcript as CSV and Markdown: nobody's words become a formula or mark-up, and gaps stay gaps."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.refusals import Refusal
from persistence.exporting import CSV_COLUMNS, render_transcript, to_csv, to_markdown

ROOM = {
    "id": "room1",
    "code": "METRO7",
    "title": "首条地铁线票价怎么定",
    "summary": "",
    "departments": [{"id": "price", "name": "市物价局", "name_en": "Price Bureau"}],
    "starts_at": None,
    "opened_at": 1_446_339_600_000,
    "closed_at": 1_446_343_200_000,
}
NETIZEN = {"name": "小满", "role": "netizen"}
OFFICIAL = {"name": "陈立言", "role": "respondent", "dept": "price"}


def message(seq: int, body: str, by: dict[str, str] = NETIZEN, **fields: Any) -> dict[str, Any]:
    kind = "question" if by is NETIZEN else "reply"
    at = 1_446_339_600_000 + seq * 1_000
    return {"s": seq, "k": "msg", "id": f"p{seq}", "at": at, "q": "p1", "kind": kind, "by": by, "body": body, **fields}


def transcript(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """All items in one thread, the first its question."""
    questions = [{"number": 1, "q": "p1", "item": items[0], "replies": list(items[1:])}] if items else []
    return {"room": ROOM, "items": list(items), "questions": questions, "hidden": {}, "corrected": {}, **fields}


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_begins_with_its_header_and_has_a_row_for_each_message() -> None:
    question, answer = (
        message(1, "为什么是 3 元？", number=1, ver=1),
        message(2, "按成本。", OFFICIAL, ver=2, reply_to="p1"),
    )

    text = to_csv(transcript(question, answer, corrected={"p2": [{"s": 3, "at": 1_446_339_660_000}]}))

    assert text.splitlines()[0] == ",".join(f'"{column}"' for column in CSV_COLUMNS)
    assert cells(text)[1] == {
        "seq": "2",
        "number": "1",
        "kind": "reply",
        "at": "2015-11-01T01:00:02Z",
        "name": "陈立言",
        "role": "respondent",
        "department": "市物价局",
        "body": "按成本。",
        "version": "2",
        "corrected_at": "2015-11-01T01:01:00Z",
        "hidden": "",
        "id": "p2",
        "reply_to": "p1",
        "askers": "",
    }
    assert cells(text)[0]["askers"] == "1"


def test_a_hidden_message_is_a_row_with_its_number_and_reason_only() -> None:
    gap = {"s": 1, "k": "msg", "id": "p1", "at": 1_446_339_600_000, "redacted": True}

    [row] = cells(to_csv(transcript(gap, hidden={"p1": "personal"})))
    text = to_markdown(transcript(gap, hidden={"p1": "personal"}))

    filled = {column: value for column, value in row.items() if value}
    assert filled == {"seq": "1", "number": "1", "at": "2015-11-01T01:00:00Z", "hidden": "personal", "id": "p1"}
    by_rule = to_markdown(transcript(gap, hidden={"p1": "3"}), "en")
    assert "*Hidden; the number stays. Reason: rule 3*" in by_rule
    assert "## 问 1\n\n**1** · 2015-11-01T01:00:00Z\n\n*本条已隐去，编号保留。理由：personal*" in text


@pytest.mark.parametrize(
    "body",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1",
        "\n=1",
        " =1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠a",
        '=HYPERLINK("x","y")',
    ],
)
def test_no_cell_can_act_as_a_formula(body: str) -> None:
    item = message(1, body, {"name": body, "role": "netizen"})

    [row] = cells(to_csv(transcript(item)))

    assert row["body"] == f"'{body}"
    assert row["name"] == f"'{body}"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80))
def test_any_text_survives_csv(body: str) -> None:
    [row] = cells(to_csv(transcript(message(1, body))))

    assert row["body"].removeprefix("'") == body.removeprefix("'")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("# 标题", "\\# 标题"),
        ("> 引用", "\\> 引用"),
        ("- 项", "\\- 项"),
        ("1. 项", "1\\. 项"),
        ("===", "\\==="),
        ("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>"),
        ("[看](http://x)", "\\[看\\](http\\://x)"),
        ("![](http://x)", "\\!\\[\\](http\\://x)"),
        ("`a` *b* _c_ ~~d~~", "\\`a\\` \\*b\\* \\_c\\_ \\~\\~d\\~\\~"),
        ("a | b", "a \\| b"),
        ("&lt;", "\\&lt;"),
        ("    缩进", "缩进"),
        ("一\n二", "一\\\n二"),
        ("一\n\n二", "一\n\n二"),
        ("一\n# 二", "一\\\n\\# 二"),
        ("一\n---\n二", "一\\\n\\---\\\n二"),
        ("c:\\d", "c\\:\\\\d"),
    ],
)
def test_a_message_is_not_mark_up(body: str, expected: str) -> None:
    text = to_markdown(transcript(message(1, body)))

    assert text.endswith(f"2015-11-01T01:00:01Z\n\n{expected}\n")


@given(st.text(st.sampled_from("#>-+=*_`[]()!<&|~$: \n1.\\字"), max_size=60))
def test_no_line_of_a_message_begins_a_block(body: str) -> None:
    text = to_markdown(transcript(message(1, body)))

    lines = text.split("2015-11-01T01:00:01Z\n", 1)[1].split("\n")
    assert [line for line in lines if re.match(r"\s*([#>*_`\[<|~]|[-+=]|\d+[.)]( |$)|!\[)", line)] == []


def test_markdown_has_the_threads_and_then_what_stands_alone() -> None:
    question, answer = message(1, "问"), message(2, "答", OFFICIAL)
    notice = message(3, "公告", {"name": "主持", "role": "host"})
    record = transcript(question, answer, corrected={"p2": [{"s": 4, "at": 1_446_339_660_000}]})
    record["items"].append(notice)

    chinese, english = to_markdown(record), to_markdown(record, "en")

    assert chinese.startswith("# 首条地铁线票价怎么定\n\n- 访谈编号: METRO7\n")
    assert chinese.index("## 问 1") < chinese.index("市物价局 陈立言") < chinese.index("*更正于 2015-11-01T01:01:00Z*")
    assert chinese.index("## 其他发言") < chinese.index("公告")
    assert "## Question 1" in english
    assert "Price Bureau 陈立言" in english


def test_an_empty_room_has_a_transcript_too() -> None:
    record = transcript()

    assert cells(to_csv(record)) == []
    assert to_markdown(record).startswith("# 首条地铁线票价怎么定")


def test_forms_are_two() -> None:
    record = transcript(message(1, "问"))

    assert render_transcript(record, "csv") == to_csv(record)
    assert render_transcript(record, "md") == to_markdown(record)
    with pytest.raises(Refusal, match="bad_request"):
        render_transcript(record, "pdf")
