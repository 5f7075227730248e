"""What a run found, for people on the terminal, for machines as JSON, and as a table and a chart."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench.chart import chart
from bench.lines import Line, shown
from bench.machine import HERE
from bench.run import Run

# As the issue lists the figures, whatever order they were measured in.
ORDER = ("fanout", "latency", "joins", "slow", "posts", "moderation", "comeback", "visits", "record")
RESULTS = HERE / "results"
SAID = {"aim": "aim reached", "must": "shown", "missed": "MISSED", "not measured": "not measured", "told": ""}


def print_line(line: Line) -> None:
    measured = "—" if line.median is None else f"{shown(line.median)} {line.unit}"
    spread = f"({line.spread})" if line.spread else ""
    wanted = "" if line.must is None else f"must {shown(line.must)}, aim {shown(line.aim or line.must)}"
    print(f"  {line.figure:<64} {measured:>10} {spread:<15} {wanted:<22} {SAID[line.verdict]:<12} {line.note}".rstrip())


def write(lines: list[Line], run: Run, took_s: float) -> None:
    """Into `bench/results/`: `table.md`, `results.json`, `chart.svg`, each replaced."""
    RESULTS.mkdir(exist_ok=True)
    lines = sorted(lines, key=lambda line: (*ORDER, line.part).index(line.part))
    (RESULTS / "table.md").write_text(table(lines, run, took_s), encoding="utf-8")
    about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": round(took_s), **machine()}
    told = {**about, "quick": run.quick, "beside": run.beside, "lines": [line.told() for line in lines]}
    (RESULTS / "results.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "chart.svg").write_text(chart(lines), encoding="utf-8")


def table(lines: list[Line], run: Run, took_s: float) -> str:
    """Markdown: a row for each line."""
    here = machine()
    length = "short run" if run.quick else "full run"
    where = f"{here['cpu']}, {here['cores']} cores, Linux {here['kernel']}, Python {here['python']}"
    rows = [
        f"{length}, {took_s:.0f} s, on {where}",
        *([f"\n{run.beside}"] if run.beside else []),
        "",
        "| figure | must | aim | measured | spread | |",
        "|---|---|---|---|---|---|",
    ]
    for line in lines:
        limits = [f"≤ {shown(limit)}" if limit is not None else "" for limit in (line.must, line.aim)]
        measured = "" if line.median is None else f"{shown(line.median)} {line.unit}"
        remark = "; ".join(filter(None, (SAID[line.verdict], line.note)))
        rows.append(f"| {line.figure} | {limits[0]} | {limits[1]} | {measured} | {line.spread} | {remark} |")
    return "\n".join(rows) + "\n"


def machine() -> dict[str, object]:
    """What the absolute numbers belong to."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line for line in cpuinfo.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        model = named[0].partition(":")[2].strip() if named else ""
    return {
        "cpu": model or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }
