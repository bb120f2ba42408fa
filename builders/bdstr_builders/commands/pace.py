"""How fast a run goes, and what is left of it."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

WINDOW_S = 60.0
"""The rate is that of the last minute: loading models or a slow hour ago say nothing of what is to come."""
BETWEEN_SAMPLES_S = 1.0


class Pace:
    """The pace of this run: what one before it has done counts as done, not towards the rate.

    Example:
        >>> pace = Pace()
        >>> pace.note(500, 1000, at_s=0.0)  # an earlier run's
        >>> pace.note(550, 1000, at_s=10.0)
        >>> pace.words()
        '550 of 1,000 images, 5.0 images/s, 0:01:30 left'
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._now = (0.0, 0)
        self._total = 0

    def note(self, done: int, total: int, at_s: float) -> None:
        """Takes down where the run is.

        Args:
            done: photographs so far, those of earlier runs among them.
            total: all of them.
            at_s: when, by a clock that never goes back.
        """
        self._now, self._total = (at_s, done), total
        if not self._samples or at_s - self._samples[-1][0] >= BETWEEN_SAMPLES_S:
            self._samples.append(self._now)
        while len(self._samples) > 1 and self._samples[1][0] <= at_s - WINDOW_S:
            self._samples.popleft()

    @property
    def images_a_second(self) -> float | None:
        """None where nothing has been done since the run began."""
        if not self._samples:
            return None
        since = self._now[0] - self._samples[0][0]
        made = self._now[1] - self._samples[0][1]
        return made / since if made and since > 0 else None

    @property
    def left_s(self) -> float | None:
        """Seconds to the end; None where there is no rate."""
        rate = self.images_a_second
        return (self._total - self._now[1]) / rate if rate else None

    def words(self) -> str:
        """For a line of a log."""
        return f"{self._now[1]:,} of {self._total:,} images{self.figures()}"

    def figures(self) -> str:
        """Rate and time left; nothing where there is none."""
        rate, left = self.images_a_second, self.left_s
        if rate is None or left is None:
            return ""
        return f", {rate:,.{_digits(rate)}f} images/s, {timedelta(seconds=round(left))} left"


def _digits(rate: float) -> int:
    return 0 if rate >= 100 else 1 if rate >= 1 else 2
