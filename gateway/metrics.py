"""Numbers for Prometheus: what the process counts and how HTTP went, by route pattern; never a name, id or address."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.endpoints import Call

PREFIX = "wenzheng_"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
# Counters inside are named by what they count, dots and all; Prometheus knows letters, digits and underscores.
_UNSAFE = re.compile("[^a-zA-Z0-9_]")
_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "PATCH", "PUT", "OPTIONS"})


class Metrics:
    """One registry for one application, so that several may live in one process."""

    def __init__(self, measures: Callable[[], Mapping[str, float]]) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Measures(measures))
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            f"{PREFIX}http_requests", "HTTP requests", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            f"{PREFIX}http_seconds", "HTTP answers, seconds", ("route",), buckets=_SECONDS, registry=self.registry
        )

    def saw(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method if method in _METHODS else "other", route, f"{status // 100}xx").inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class Measured:
    """Counts every answer under the pattern of its route: the labels stay as few as the routes."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.saw(scope["method"], route, status, time.perf_counter() - started)


class _Measures(Collector):
    """The process's own numbers; one that ends in `_total` is a counter, any other a gauge."""

    def __init__(self, measures: Callable[[], Mapping[str, float]]) -> None:
        self._measures = measures

    def collect(self) -> Iterable[Metric]:
        for counted, value in sorted(self._measures().items()):
            name = _UNSAFE.sub("_", counted)
            said = name.replace("_", " ")
            if name.endswith("_total"):
                yield CounterMetricFamily(PREFIX + name.removesuffix("_total"), said, value=value)
            else:
                yield GaugeMetricFamily(PREFIX + name, said, value=value)

    def describe(self) -> Iterable[Metric]:
        # Nothing is known before the process counts; describing by collecting would ask it too early.
        return ()


async def metrics(call: Call) -> Response:
    """The numbers, in Prometheus's text format: of every worker of this machine, whichever was asked."""
    seen: Metrics = call.request.app.state.metrics
    siblings = call.services.siblings
    text = seen.text() if siblings is None else await siblings.text()
    return Response(text, headers={"cache-control": "no-store"}, media_type=CONTENT_TYPE_PLAIN_0_0_4)
