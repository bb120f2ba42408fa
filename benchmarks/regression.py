"""Whether a ratio got worse than it was: compares, and says so in words; measures nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.figures import Figure
from benchmarks.table import arrow, number

ALLOWED = 0.25
"""How much worse a ratio may be: noise of other processes stays below it."""
RENEW = "python -m benchmarks.guard --renew"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one ratio.

    Args:
        figure: what was measured; None where only a baseline is left.
        name: of the figure.
        baseline: what the ratio was; None where it is new.
    """

    figure: Figure | None
    name: str
    baseline: float | None

    @property
    def holds(self) -> bool:
        """Whether there is a baseline and the ratio is no more than `ALLOWED` worse than it."""
        if self.figure is None or self.baseline is None:
            return False
        return worse_by(self.figure, self.baseline) <= ALLOWED


def worse_by(figure: Figure, baseline: float) -> float:
    """By which part of the baseline a ratio is worse; negative where it is better.

    Example:
        >>> gain = Figure("a", "s", "b").measured(1.0, 6.0)
        >>> worse_by(gain, 8.0), worse_by(gain, 5.0)
        (0.25, -0.2)
    """
    if figure.ratio is None:
        return float("inf")
    less = 1 - figure.ratio / baseline
    return less if figure.kind == "gain" else -less


def compare(figures: Iterable[Figure], baselines: Mapping[str, float]) -> list[Verdict]:
    """One verdict a figure, and one for each baseline that nothing was measured for."""
    measured = {figure.name: figure for figure in figures}
    names = [*measured, *(name for name in baselines if name not in measured)]
    return [Verdict(measured.get(name), name, baselines.get(name)) for name in names]


def told(verdict: Verdict) -> str:
    """One line: the figure, its baseline, what was measured, and what to do."""
    figure, baseline = verdict.figure, verdict.baseline
    if figure is None:
        return f"{verdict.name}: has a baseline and was not measured; without it: {RENEW}"
    if figure.ratio is None:
        return f"{verdict.name}: not measured: {figure.why_not}"
    if baseline is None:
        return f"{verdict.name}: {number(figure.ratio)}, without a baseline; to give it one: {RENEW}"
    part = worse_by(figure, baseline)
    change = f"{abs(part):.0%} {'worse' if part > 0 else 'better'}"
    line = f"{verdict.name}: {number(figure.ratio)} {arrow(figure)}, baseline {number(baseline)}, {change}"
    return (
        line if verdict.holds else f"{line}; at most {ALLOWED:.0%} is allowed; where that is meant: {RENEW}"
    )
