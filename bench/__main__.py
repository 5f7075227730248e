"""`make bench`: the table of what must be as fast as the machine allows, measured beside the floor and the peers.

Words choose: names of parts, `quick` for a short run, or one of the older benchmarks that stand alone.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable

from bench import comeback, fanout, joins, latency, moderation, posts, record, slow, visits
from bench.lines import Line
from bench.machine import CannotMeasure, descriptors, programs
from bench.report import print_line, write
from bench.run import Run

# A peer may have to be compiled: what counts processor time alone goes first, what counts milliseconds after it.
_ALL = (record, joins, moderation, posts, visits, slow, fanout, latency, comeback)
PARTS: dict[str, Callable[[Run], list[Line]]] = {part.PART: part.measure for part in _ALL}
# Each compares two ways of doing one thing, and prints JSON of its own.
ALONE = ("bus", "compression", "growth", "hints", "posting", "store", "swaps")


def main(words: list[str]) -> int:
    """0 if nothing that must be was missed."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    unknown = set(words) - {*PARTS, *ALONE, "quick"}
    if unknown:
        print(f"not known: {', '.join(sorted(unknown))}; there are {', '.join((*PARTS, *ALONE, 'quick'))}")
        return 2
    failed = [name for name in ALONE if name in words and alone(name)]
    chosen = [name for name in PARTS if name in words] or ([] if set(words) & set(ALONE) else list(PARTS))
    return int(bool(failed) | bool(chosen and missed(chosen, quick="quick" in words)))


def alone(name: str) -> int:
    print(f"» {name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode


def missed(chosen: list[str], *, quick: bool) -> bool:
    """Whether anything was, or could not be measured because something of ours failed."""
    began = time.monotonic()
    try:
        programs()
    except CannotMeasure as reason:
        print(reason)
        return True
    descriptors()
    run = Run(quick)
    if run.beside:
        print(run.beside)
    if fanout.PART in chosen:
        run.centrifugo.begin()
    lines: list[Line] = []
    broken = False
    try:
        for name in chosen:
            print(f"» {name}", flush=True)
            try:
                found = PARTS[name](run)
            except Exception as reason:
                # One part that fails must not take with it what the others found.
                if not isinstance(reason, CannotMeasure):
                    traceback.print_exc()
                broken = True
                found = [Line(name, f"{name} as a whole", note=" ".join(str(reason).split())[:300])]
            for line in found:
                print_line(line)
            lines += found
            # Whatever happens to the rest, this much is on record.
            write(lines, run, time.monotonic() - began)
    finally:
        run.centrifugo.end()
    return broken or any(line.verdict == "missed" for line in lines)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
