"""One message on a thousand screens, with the server's core full: the product beside the floor and the peers."""

from __future__ import annotations

from contextlib import ExitStack

from bench.contenders import Approvals, Contender, Missing, peers_into
from bench.crowd import Answer
from bench.floor import floor
from bench.lines import Line
from bench.product import product
from bench.run import Run

PART = "fanout"
VIEWERS = 1_000
# Moderators at work at the same time, each with one word under way: enough to keep the core full. As many messages are
# under way at everybody else: whoever can join them may.
MODERATORS = 64
BURST, BURSTS_PER_S = 20, 5
# More than the product can publish in a second on a fast core; what is left over serves the next round.
PUBLISHED_PER_S = 1_400

ROWS = (("nchan", "nchan"), ("ws", "Node ws, pre-framed"), ("centrifugo", "Centrifugo"), ("socketio", "socket.io"))


def per_item(answer: Answer) -> float:
    """Microseconds of the server's processor for one item on one screen."""
    return float(answer["cpu_s"] / answer["delivered"] * 1e6)


def per_message(answer: Answer) -> float:
    """The same for one message that a viewer received, however many items were in it."""
    return float(answer["cpu_s"] / answer["writes"] * 1e6)


def measure(run: Run) -> list[Line]:
    with ExitStack() as stack:
        served = stack.enter_context(product())
        room, quiet_room = served.room(), served.room()
        crowd, alone = stack.enter_context(served.crowd(room)), stack.enter_context(served.crowd(quiet_room))
        base = Contender("floor", stack.enter_context(floor()))
        ours = Contender("product", crowd, Approvals(served, room))
        own = Contender("one viewer", alone, Approvals(served, quiet_room))
        for one in (ours, own):
            one.crowd.publishers(MODERATORS)
        own.crowd.open(1)
        peers, missing = peers_into(stack, run)
        for one in (base, ours, *peers):
            one.crowd.open(VIEWERS)
        for number in range(run.rounds):
            run.say(f"round {number + 1} of {run.rounds}: the core full, one at a time, bursts")
            for one in (base, ours, own):
                saturate(one, run.seconds)
                single(one, run.seconds)
                bursts(one, run.seconds)
            for one in peers:
                saturate(one, run.seconds)
        return [*against_floor(base, ours, own), *against_peers(ours, peers, missing)]


def saturate(one: Contender, seconds: float) -> None:
    one.prepare(int(PUBLISHED_PER_S * seconds))
    one.take("full", one.crowd.closed(MODERATORS, seconds))


def single(one: Contender, seconds: float) -> None:
    """The next when the last is on every screen: nothing can be joined."""
    one.prepare(int(100 * seconds) if one.name != "one viewer" else 300)
    one.take("single", one.crowd.closed(1, seconds))


def bursts(one: Contender, seconds: float) -> None:
    one.prepare(int(BURST * (BURSTS_PER_S * seconds + 2)))
    one.take("bursts", one.crowd.rate(BURSTS_PER_S, seconds, BURST))


def against_floor(base: Contender, ours: Contender, own: Contender) -> list[Line]:
    full, single_, bursts_ = (base.each(phase, per_item) for phase in ("full", "single", "bursts"))

    def without_posts(phase: str) -> list[float]:
        """What the publications themselves cost, asked of a room with one viewer, is taken off."""
        publication = [answer["cpu_s"] / answer["published"] for answer in own.found[phase]]
        return [
            (answer["cpu_s"] - answer["published"] * each) / answer["delivered"] * 1e6
            for answer, each in zip(ours.found[phase], publication, strict=True)
        ]

    joined = [answer["delivered"] / answer["writes"] for answer in ours.found["full"]]
    busy = [answer["cpu_s"] / answer["wall_s"] for answer in ours.found["full"]]
    told = f"{sum(joined) / len(joined):.0f} items in a message, {sum(busy) / len(busy):.0%} of the core"
    line = Line.of(PART)
    return [
        line(
            "CPU per delivery ÷ floor, saturated, 1,000 viewers",
            ratios(ours.each("full", per_item), full),
            1.5,
            1.2,
            note=told,
        ),
        line(
            "CPU per message in bursts of 20 ÷ uncoalesced floor",
            ratios(ours.each("bursts", per_item), bursts_),
            0.2,
            0.12,
        ),
        line("· saturated, without what a publication costs at one viewer", ratios(without_posts("full"), full)),
        line("· saturated, per message a viewer receives", ratios(ours.each("full", per_message), full)),
        line("· one at a time, nothing joined", ratios(ours.each("single", per_item), single_)),
        line("· one at a time, without what a publication costs", ratios(without_posts("single"), single_)),
        line("· floor, saturated", full, unit="µs"),
        line("· product, saturated", ours.each("full", per_item), unit="µs"),
        line(
            "· product, one publication at one viewer",
            own.each("full", lambda a: a["cpu_s"] / a["published"] * 1e6),
            unit="µs",
        ),
    ]


def against_peers(ours: Contender, peers: list[Contender], missing: list[Missing]) -> list[Line]:
    found = {peer.name: peer.each("full", per_item) for peer in peers}
    why = {one.name: one.why for one in missing}
    lines = []
    for name, title in ROWS:
        # The issue names three; socket.io is told beside them.
        must, aim = (1.0, 0.85) if name != "socketio" else (None, None)
        values = ratios(ours.each("full", per_item), found[name]) if name in found else []
        lines.append(Line(PART, f"CPU per delivery ÷ {title}", values, must, aim, note=why.get(name, "")))
        if name in found:
            lines.append(Line(PART, f"· {title}, saturated", found[name], unit="µs"))
    return lines


def ratios(ours: list[float], theirs: list[float]) -> list[float]:
    """Round by round: what burdened the machine then burdened both."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]
