"""Whoever puts messages on screens in a run: the same crowd before each, the same phases, in turn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

from bench.crowd import Answer, Crowd
from bench.machine import CannotMeasure
from bench.peers import centrifugo, nchan, node_ws, socketio
from bench.run import Run


@dataclass
class Contender:
    """`prepare(n)`: from now on n messages can be published."""

    name: str
    crowd: Crowd
    prepare: Callable[[int], None] = lambda count: None
    found: dict[str, list[Answer]] = field(default_factory=dict)

    def take(self, phase: str, answer: Answer) -> None:
        """Keeps what a phase found. Raises `CannotMeasure` if anything was lost: a cost per loss means nothing."""
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
