"""How long things take: always beside each other, in one run on one machine."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence


def seconds(call: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Wall-clock time of a call, or that of another clock."""
    begun = clock()
    call()
    return clock() - begun


def fastest(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Name -> CPU seconds of its fastest round; in each round all take their turn.

    The first of several warms up: what happens once in a process makes it slower than the others.
    """
    found = [{name: seconds(call, time.process_time) for name, call in calls.items()} for _ in range(rounds)]
    return {name: min(times[name] for times in found) for name in calls}


def of_process(call: Sequence[str], rounds: int) -> float:
    """Wall-clock seconds of a process: the fastest round."""
    return min(seconds(lambda: subprocess.run(call, check=True, capture_output=True)) for _ in range(rounds))
