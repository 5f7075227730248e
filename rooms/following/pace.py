"""How much at once, and how long: what one consumer may take of a node."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, and how much at once."""

    workers: int = 4
    batch: int = 100  # events that one transaction moves past, and that a crash may repeat
    batches: int = 20  # before others have a turn
    lease_s: float = 15.0  # silence after which another node takes over
    look_s: float = 0.25  # at least between two looks, so that what comes together is read together
    sweep_s: float = 5.0  # between looks at everything, for what no hint told of
    handle_s: float = 30.0  # a consumer that takes longer has failed
    first_s: float = 0.5  # before the second try, doubled with each
    longest_s: float = 300.0
