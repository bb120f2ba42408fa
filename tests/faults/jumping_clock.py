"""A clock that is wrong at every look, each time in another way; the one that never goes back is right."""

from __future__ import annotations

import time
from itertools import cycle

HOUR_S = 3600
YEAR_S = 365 * 24 * HOUR_S
JUMPS_S = (0, YEAR_S, -HOUR_S)
BEFORE = "import jumping_clock; jumping_clock.jump()"
"""What a command runs first, to have such a clock."""


def jump() -> None:
    """Lets the time of day jump, in this process."""
    right, jumps = time.time, cycle(JUMPS_S)
    time.time = lambda: right() + next(jumps)
    time.time_ns = lambda: int(time.time() * 1e9)
