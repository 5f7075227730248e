"""What search engines are told of a transcript: its questions and answers as schema.org's QAPage, in JSON-LD.

Only what the page itself shows: nothing hidden, nothing undecided, no author's id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from gateway import i18n
from gateway.pages.record import Record
from gateway.pages.rendering import department_name
from gateway.pages.threads import Message
from rooms.model import PostKind, Room

# Engines read the first few; the page must not grow by half for the rest.
_QUESTIONS_MAX = 50
_NAME_MAX = 110
# So that no text ends the element it stands in, and old readers of script find no line end within a string.
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def json_ld(data: Mapping[str, Any]) -> Markup:
    """The element; data is no script to a browser, so that the policy against inline code lets it stand."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(text))  # noqa: S704  # escaped above


def qa_page(record: Record, room: Room, lang: str, address: str) -> Markup:
    """Nothing at all where no question can be read."""
    asked = [root for root in record.threads if root.kind == PostKind.QUESTION and not root.redacted]
    if not asked:
        return Markup()
    asked.sort(key=lambda root: not root.answered)
    return json_ld(
        {
            "@context": "https://schema.org",
            "@type": "QAPage",
            "name": room.title,
            "url": address,
            "inLanguage": "zh-CN",
            "mainEntity": [_question(root, lang, address) for root in asked[:_QUESTIONS_MAX]],
        }
    )


def _question(root: Message, lang: str, address: str) -> dict[str, Any]:
    answers = [reply for reply in root.replies if reply.kind == PostKind.REPLY and not reply.redacted]
    question: dict[str, Any] = {
        "@type": "Question",
        "name": root.body if len(root.body) <= _NAME_MAX else root.body[: _NAME_MAX - 1] + "…",
        "text": root.body,
        "url": f"{address}#p-{root.id}",
        "dateCreated": i18n.iso(root.at),
        "author": {"@type": "Person", "name": root.name},
        "upvoteCount": root.up,
        "answerCount": len(answers),
    }
    if answers:
        question["suggestedAnswer"] = [_answer(reply, lang, address) for reply in answers]
    return question


def _answer(reply: Message, lang: str, address: str) -> dict[str, Any]:
    department = reply.department
    author: dict[str, Any] = {"@type": "Person", "name": reply.name}
    if department is not None:
        author = {"@type": "GovernmentOrganization", "name": department_name(lang, department)}
    return {
        "@type": "Answer",
        "text": reply.body,
        "url": f"{address}#p-{reply.id}",
        "dateCreated": i18n.iso(reply.at),
        "author": author,
    }
