"""Browsers without script: cookies kept, forms sent as a form sends them, over the real application and store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.gateway.api.conftest import PASSWORD, Edge, edge, make_edge, seeded

__all__ = ["Browser", "edge", "make_edge", "seeded"]

ORIGIN = {"origin": "http://testserver", "accept": "text/html"}


@dataclass
class Browser:
    """One person's browser. `get` and `post` follow no redirect; `submit` does what a form does, and goes on."""

    client: httpx2.AsyncClient

    async def get(self, path: str, **headers: str) -> Any:
        return await self.client.get(path, headers={"accept": "text/html", **headers})

    async def post(self, path: str, **fields: str) -> Any:
        return await self.client.post(path, data=fields, headers=ORIGIN)

    async def submit(self, path: str, **fields: str) -> Any:
        answer = await self.post(path, **fields)
        assert answer.status_code == 303, answer.text[:2000]
        return await self.get(answer.headers["location"].partition("#")[0])

    async def sign_in(self, username: str) -> Browser:
        answer = await self.post("/signin", username=username, password=PASSWORD)
        assert answer.status_code == 303, answer.text[:2000]
        return self


def browser(edge: Edge) -> Browser:
    return Browser(edge.client())


@pytest.fixture
def netizen(edge: Edge) -> Browser:
    return browser(edge)
