"""Who speaks: one connection with a token, commands, and an answer to each, however it comes."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, Final

import orjson

from wenzheng.rehearsal.socket import Socket

Frame = dict[str, Any]

# Of one message.
FRAMES_MAX: Final = 16
# Stands for an answer of a connection that has gone.
LOST: Final[Frame] = {"t": "err", "code": "lost"}


class Caller(Socket):
    """`welcomed` is the answer to hello."""

    __slots__ = ("_answers", "_ids", "_token", "welcomed")

    def __init__(self, request: bytes, token: str) -> None:
        super().__init__(request)
        self.welcomed: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._token = token
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Frame]] = {0: self.welcomed}

    def say(self, *frames: Frame) -> list[asyncio.Future[Frame]]:
        """At most 16, in one message; the answers are `ok`, `err` and so on, never exceptions."""
        answers = []
        for frame in frames:
            answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
            frame["id"] = number = next(self._ids)
            self._answers[number] = answer
            answers.append(answer)
        if self.usable:
            self.send(orjson.dumps(frames))
        else:
            self._lose()
        return answers

    def opened(self) -> None:
        self.send(orjson.dumps([{"t": "hello", "id": 0, "token": self._token}]))

    def message(self, payload: bytes) -> None:
        try:
            for frame in orjson.loads(payload):
                answer = self._answers.pop(frame.get("id", -1), None)
                if answer is not None and not answer.done():
                    answer.set_result(frame)
        except (ValueError, TypeError, AttributeError):
            self._lose()

    def ended(self, why: str) -> None:
        self._lose()

    def _lose(self) -> None:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result(LOST)
        self._answers.clear()
