"""Whether the process lives, and whether it should be given work."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping

import orjson
from starlette.responses import Response

from gateway.endpoints import Call
from gateway.services import Services
from kernel.refusals import Refusal

# A probe asks every few seconds and gives up soon: a late answer is no answer.
STORE_S = 1.5
# Longer than this the store is slow; it still counts as ready.
SLOW_S = 0.5

_log = logging.getLogger(__name__)


async def healthz(call: Call) -> Response:
    """200 while the process answers at all."""
    return _json({"status": "alive"}, 200)


async def readyz(call: Call) -> Response:
    """200 only when the store answers and the process is not about to stop; a lost bus only slows (C9)."""
    services = call.services
    began = time.monotonic()
    answers = await _store_answers(services)
    store = "down" if not answers else "slow" if time.monotonic() - began > SLOW_S else "up"
    draining = services.draining()
    ready = answers and not draining
    told = {"status": "ready" if ready else "not_ready", "store": store, "bus": _bus(services), "draining": draining}
    if services.limits_shared is not None:
        told["limits"] = "shared" if services.limits_shared() else "own share"
    # Posts are held or judged by the list before, never let through unseen: told, and no reason to take the node away.
    if services.words_behind():
        told["words"] = "behind"
    return _json(told, 200 if ready else 503)


async def _store_answers(services: Services) -> bool:
    try:
        async with asyncio.timeout(STORE_S):
            await services.store.ping()
    except (Refusal, TimeoutError):
        return False
    except Exception:
        _log.exception("the store's ping failed")
        return False
    return True


def _bus(services: Services) -> str:
    if services.bus_healthy is None:
        return "in-process"
    return "up" if services.bus_healthy() else "down"


def _json(told: Mapping[str, object], status: int) -> Response:
    return Response(orjson.dumps(told), status, {"cache-control": "no-store"}, "application/json")
