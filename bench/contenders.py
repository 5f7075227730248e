"""Whoever puts messages on screens in a run: the same crowd before each, the same phases, in turn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

from bench.crowd import Answer, Crowd
from bench.machine import CannotMeasure
from bench.peers import centrifugo, nchan, node_ws, socketio
from bench.product import Product
from bench.run import Run


@dataclass
class Approvals:
    """Words of the moderator for one room, held ready; what a phase left over serves the next: queues are bounded."""

    served: Product
    room: str
    left: list[str] = field(default_factory=list)

    def into(self, crowd: Crowd, count: int) -> None:
        if len(self.left) < count:
            self.left += self.served.approvals(self.room, count - len(self.left))
        crowd.load(self.left)


@dataclass
class Contender:
    """Without `approvals` it publishes out of nothing."""

    name: str
    crowd: Crowd
    approvals: Approvals | None = None
    found: dict[str, list[Answer]] = field(default_factory=dict)

    def prepare(self, count: int) -> None:
        """From now on so many messages can be published."""
        if self.approvals is not None:
            self.approvals.into(self.crowd, count)

    def take(self, phase: str, answer: Answer) -> None:
        """Keeps what a phase found. Raises `CannotMeasure` if anything was lost: a cost per loss means nothing."""
        if self.approvals is not None:
            del self.approvals.left[: answer["published"]]
        if answer["missing"] or answer["holes"] or answer["lost"] or answer["refused"]:
            lost = f"{answer['missing']} items never came, {answer['lost']} viewers were dropped"
            raise CannotMeasure(
                f"{self.name}, {phase}: {lost}, {answer['refused']} commands were refused: {answer['refusal']}"
            )
        self.found.setdefault(phase, []).append(answer)

    def each(self, phase: str, figure: Callable[[Answer], float]) -> list[float]:
        """One figure for each round."""
        return [figure(answer) for answer in self.found[phase]]


@dataclass(frozen=True, slots=True)
class Missing:
    name: str
    why: str


def peers_into(stack: ExitStack, run: Run) -> tuple[list[Contender], list[Missing]]:
    """Those that can be had, started, and those that cannot, by name."""
    ways: dict[str, Callable[[], AbstractContextManager[Crowd]]] = {
        "nchan": nchan,
        "ws": node_ws,
        "socketio": socketio,
        "centrifugo": lambda: centrifugo(run.centrifugo.wait()),
    }
    there, missing = [], []
    for name, begin in ways.items():
        try:
            there.append(Contender(name, stack.enter_context(begin())))
        except CannotMeasure as reason:
            run.say(f"missing: {name}: {reason}")
            missing.append(Missing(name, f"missing: {reason}"))
    return there, missing
