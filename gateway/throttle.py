"""What one address or user may ask of the edge before it is told to wait: over it, `rate` with the time to wait."""

from __future__ import annotations

from typing import Final

from gateway.engine.addresses import counted_as
from gateway.options import Limits
from kernel.allowances import Allowance, Allowances, OwnAllowances
from kernel.clock import Clock

# Wrong codes a minute and address before we stop listening: eight spoken characters are not guessed at this pace.
ACCEPTS_PER_MINUTE: Final = 120
# Codes of own posts, made or tried. A whole school may want one; nobody guesses 99 bits.
LOOKUPS_PER_MINUTE: Final = 60


class Throttle:
    """Addresses (of IPv6 each /64) are counted by `shared`, by all nodes together: whoever guesses asks all of them.

    Commands are counted here, at the socket's own rates: they bound the work of this node.
    """

    def __init__(self, limits: Limits, clock: Clock, shared: Allowances | None = None) -> None:
        own = OwnAllowances(clock)
        everywhere = own if shared is None else shared
        (netizen_s, netizen), (staff_s, staff) = limits.commands_netizen, limits.commands_staff
        self._known: dict[str, tuple[Allowances, Allowance]] = {
            "sign_in": (everywhere, Allowance.per_minute("sign_in", limits.sign_ins_per_minute)),
            "guest": (everywhere, Allowance.per_minute("guest", limits.guests_per_minute)),
            "accept": (everywhere, Allowance.per_minute("accept", ACCEPTS_PER_MINUTE)),
            "lookup": (everywhere, Allowance.per_minute("lookup", LOOKUPS_PER_MINUTE)),
            "command_netizen": (own, Allowance.per_minute("command_netizen", netizen_s * 60, netizen)),
            "command_staff": (own, Allowance.per_minute("command_staff", staff_s * 60, staff)),
        }

    async def spend(self, what: str, whose: str) -> None:
        """Takes one of `what`, by whichever door it was asked for; `rate` with `retry_ms` when there is none."""
        allowances, allowance = self._known[what]
        await allowances.take(allowance, counted_as(whose))
