"""Somebody opens a live room for the first time: the page and the data it then loads, beside a file of that size."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from bench.fanout import ratios
from bench.lines import Line
from bench.machine import CannotMeasure, cpu_seconds
from bench.product import Product, product
from bench.run import Run
from gateway.static_files import FOLDER

PART = "visits"
QUESTIONS = 50
WARM = 50
_HEAD = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
    "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: zh-CN,zh;q=0.9,en;q=0.8\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Safari/537.36\r\n\r\n"
)


def measure(run: Run) -> list[Line]:
    visits = 200 if run.quick else 500
    pages, files, data, whole = [], [], [], []
    with product() as served:
        room = served.room()
        served.publish(room, QUESTIONS)
        page_bytes = len(fetch(served, f"/rooms/{room}"))
        with served.crowd(room) as crowd:
            data_bytes = int(crowd.open(WARM)["bytes"])
        with static_file(page_bytes) as alone, static_file(page_bytes + data_bytes) as both:
            for number in range(run.rounds):
                run.say(f"round {number + 1} of {run.rounds}: {visits} visits")
                pages.append(cost_us(served, f"/rooms/{room}", visits))
                with served.crowd(room) as crowd:
                    data.append(crowd.open(visits)["cpu_us"])
                files.append(cost_us(served, alone, visits))
                whole.append(cost_us(served, both, visits))
    line = Line.of(PART)
    views = [page + joined for page, joined in zip(pages, data, strict=True)]
    sizes = f"page {page_bytes / 1024:.0f} KiB, data {data_bytes / 1024:.0f} KiB"
    return [
        line("CPU per first page view ÷ a static file of the same size", ratios(views, whole), 1.5, 1.1, note=sizes),
        line("· the page alone ÷ a static file of its size", ratios(pages, files)),
        line("· the page", pages, unit="µs"),
        line("· its data: connect, hello and join", data, unit="µs"),
        line("· the static file of both sizes", whole, unit="µs"),
    ]


def cost_us(served: Product, path: str, visits: int) -> float:
    for _ in range(WARM):
        fetch(served, path)
    before = cpu_seconds(served.pid)
    for _ in range(visits):
        fetch(served, path)
    return (cpu_seconds(served.pid) - before) / visits * 1e6


def fetch(served: Product, path: str) -> bytes:
    """Over a connection of its own, as a first visit is; the body as it was sent."""
    port = served.server.port
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(_HEAD.format(path=path, port=port).encode())
        answer = b"".join(iter(lambda: line.recv(1 << 18), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise CannotMeasure(f"{path}: {head[:60]!r}")
    return body


@contextmanager
def static_file(size: int) -> Iterator[str]:
    """Among those of the front end, for as long as it is measured: its address."""
    path = FOLDER / f"bench-{secrets.token_hex(6)}.bin"
    path.write_bytes(secrets.token_bytes(size))
    try:
        yield f"/static/{path.name}"
    finally:
        path.unlink()
