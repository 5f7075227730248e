"""What a rehearsal has shown: percentiles, what went wrong, and whether that is within the budget."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from wenzheng.rehearsal.latencies import Latencies
from wenzheng.rehearsal.plan import Budget, Plan

SHARE: Final = 0.99
# Of one core, above which it is this program that is measured.
BUSY: Final = 0.8
_NAMES: Final = {"join": "join", "queued": "ask → queued", "screen": "approve → screen", "page": "page"}


@dataclass(slots=True)
class Report:
    """`busy`: the part of one core that the rehearsal itself took. `behind`: viewers that had not seen all at last."""

    url: str
    plan: Plan
    join: Latencies = field(default_factory=Latencies)
    queued: Latencies = field(default_factory=Latencies)
    screen: Latencies = field(default_factory=Latencies)
    page: Latencies = field(default_factory=Latencies)
    joined: int = 0
    asked: int = 0
    published: int = 0
    delivered: int = 0
    behind: int = 0
    busy: float = 0.0
    interrupted: bool = False
    troubles: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)

    def latencies(self) -> dict[str, Latencies]:
        return {name: getattr(self, name) for name in _NAMES}


def faults(report: Report) -> list[str]:
    """What must not have been, one line each; nothing is well."""
    found = []
    if report.joined < report.plan.viewers:
        found.append(f"{report.plan.viewers - report.joined} of {report.plan.viewers} viewers had no room on screen")
    found += [f"viewers: {what}, {count} times" for what, count in sorted(report.troubles.items()) if count]
    found += [f"refused or missing: {what}, {count} times" for what, count in sorted(report.refusals.items()) if count]
    if report.behind:
        found.append(f"{report.behind} viewers had not seen everything at the end")
    for name, most in asdict(report.plan.budget).items():
        taken = getattr(report, name)
        if not taken.count:
            found.append(f"{_NAMES[name]}: never measured")
        elif taken.percentile(SHARE) > most:
            found.append(f"{_NAMES[name]}: p99 {taken.percentile(SHARE)} ms, the budget is {most} ms")
    return found


def text(report: Report) -> str:
    """For a terminal."""
    rows = [f"{'':<18}{'count':>9}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>9}{'budget':>9}  ms"]
    for name, taken in report.latencies().items():
        at = "".join(f"{taken.percentile(share):>9}" for share in (0.5, 0.95, SHARE, 1.0))
        rows.append(f"{_NAMES[name]:<18}{taken.count:>9}{at}{_budget(report.plan.budget, name):>9}")
    rows.append(f"{report.asked} asked, {report.published} published, {report.delivered} deliveries")
    if report.busy > BUSY:
        rows.append(f"this program itself took {report.busy:.0%} of a core: rehearse from two machines, or with less")
    wrong = faults(report)
    return "\n".join([*rows, *(f"FAIL  {fault}" for fault in wrong), _last(report, wrong)])


def as_json(report: Report) -> str:
    """`{url, plan, joined, …, latencies{name: {count, p50, p95, p99, max}}, faults, passed}`; milliseconds."""
    told: dict[str, Any] = {
        name: getattr(report, name)
        for name in ("url", "joined", "asked", "published", "delivered", "behind", "interrupted")
    }
    taken = {
        name: {"count": one.count, **{f"p{share * 100:g}": one.percentile(share) for share in (0.5, 0.95, SHARE)}}
        | {"max": one.percentile(1.0)}
        for name, one in report.latencies().items()
    }
    wrong = faults(report)
    told |= {"plan": asdict(report.plan), "busy": round(report.busy, 2), "latencies": taken}
    told |= {"faults": wrong, "passed": not wrong and not report.interrupted}
    return json.dumps(told, ensure_ascii=False)


def _budget(budget: Budget, name: str) -> int:
    value: int = getattr(budget, name)
    return value


def _last(report: Report, wrong: list[str]) -> str:
    if report.interrupted:
        return "interrupted: no verdict"
    return "missed" if wrong else "passed"
