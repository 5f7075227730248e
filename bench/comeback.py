"""A full room whose server is restarted: everybody is told `bye`, and is back within seconds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bench.crowd import Answer, Crowd
from bench.lines import Line
from bench.machine import CannotMeasure, descriptors
from bench.product import Product, product
from bench.run import Run

PART = "comeback"
VIEWERS, RESERVED = 15_000, 500
QUESTIONS = 50
# As the issue asks: each viewer at an instant of its own within these seconds.
WITHIN_S = 10.0
# The server spreads its good-byes over five seconds, and then ends.
GOODBYE_S = 7.0


def measure(run: Run) -> list[Line]:
    viewers = min(2_000 if run.quick else VIEWERS, descriptors() - RESERVED)
    with product() as served:
        room = served.room()
        served.publish(room, QUESTIONS)
        with served.crowd(room) as crowd:
            run.say(f"{viewers:,} viewers come, and are sent away")
            crowd.open(viewers)
            told = sent_away(served, crowd)
            run.say(f"{viewers:,} viewers come back within {WITHIN_S:.0f} s")
            answer = crowd.open(viewers, viewers, WITHIN_S)
    line = Line.of(PART)
    return [
        line(
            f"{viewers:,} viewers reconnecting within 10 s, p99 join",
            [answer["p99_ms"] / 1000],
            5,
            2,
            unit="s",
            note=f"{answer['open']:,} joined, {answer['retries']} connections failed, {told['byes']:,} had their bye",
        ),
        line(
            "· those who did not come back, or only at a second try",
            [viewers - answer["open"] + answer["retries"]],
            0,
            0,
            unit="",
        ),
        line("· the last of them", [answer["max_ms"] / 1000], unit="s"),
        line("· CPU of one who comes back", [answer["cpu_us"]], unit="µs"),
    ]


def sent_away(served: Product, crowd: Crowd) -> Answer:
    """SIGTERM, and the same server again on the same port; what the viewers saw meanwhile."""
    with ThreadPoolExecutor(1) as beside:
        ending = beside.submit(served.server.stop)
        told = crowd.rest(GOODBYE_S)
        if ending.result():
            raise CannotMeasure(f"the server ended with {ending.result()}")
    served.start()
    crowd.watches(served.pid)
    return told
