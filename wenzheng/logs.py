"""Structured logs on standard error: readable on a terminal, JSON otherwise, and never a token or the text of a post.

Everything speaks through the standard library's `logging`; `conceal` is the last to touch each entry before it is
written, whoever wrote it.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from wenzheng.settings import LogSettings

CONCEALED = "…"
# Words in the name of a field that make its value nobody's business but the author's.
_SECRET = re.compile(
    r"token|ticket|password|secret|authorization|cookie|csrf|body|(^|_)text$|query|(^|_)salt$|note$", re.IGNORECASE
)
_IN_TEXT = (
    (re.compile(r"(?i)(bearer\s+)\S+"), r"\1…"),
    (re.compile(r"(\w+://[^\s/:@]*:)[^\s@/]+@"), r"\1…@"),
    # A database error quotes the values of its statement, and those are what citizens wrote.
    (re.compile(r"(?s)\[parameters: .*?\]\n"), "[parameters: …]\n"),
    (re.compile(r"(?s)\[parameters: .*\]"), "[parameters: …]"),
    (re.compile(r"(?i)\b(token|ticket|password|secret)(=|: ?|\": ?\")[^\s&\",}]+"), r"\1\2…"),
)


def conceal(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    """Empties fields with telling names, and cuts tokens, passwords and statement values out of all text."""
    return {key: _concealed(key, value) for key, value in entry.items()}


def configure(settings: LogSettings, worker: int | None = None) -> None:
    """Once, before anything logs. Each entry of one of several workers carries its number."""
    readable = settings.format == "text" or (settings.format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if readable else "iso", utc=not readable),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        *([_of_worker(worker)] if worker is not None else []),
        conceal,
    ]
    last: Processor = (
        # Plain tracebacks: the pretty ones show local variables, and those hold tokens and posts.
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
        if readable
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    _quiet_others(settings)


def without_query(record: logging.LogRecord) -> bool:
    """uvicorn's access entries carry `(client, method, path with query, version, status)`."""
    if isinstance(record.args, tuple) and len(record.args) == 5 and isinstance(record.args[2], str):
        client, method, path, version, status = record.args
        record.args = (client, method, str(path).partition("?")[0], version, status)
    return True


def _of_worker(number: int) -> Processor:
    def mark(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
        # The field is the process's own: an entry about another worker names that one otherwise.
        entry["worker"] = number
        return entry

    return mark


def _quiet_others(settings: LogSettings) -> None:
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    # When we start and stop we say ourselves.
    for name in ("uvicorn", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    access = logging.getLogger("uvicorn.access")
    access.filters[:] = [without_query]
    access.disabled = not settings.requests


def _concealed(key: str, value: Any) -> Any:
    if _SECRET.search(str(key)):
        return CONCEALED
    if isinstance(value, str):
        for pattern, shown in _IN_TEXT:
            value = pattern.sub(shown, value)
        return value
    if isinstance(value, Mapping):
        return {inner: _concealed(inner, held) for inner, held in value.items()}
    if isinstance(value, list | tuple):
        return [_concealed("", held) for held in value]
    return value
