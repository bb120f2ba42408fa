"""Whether two methods differ by more than the choice of images explains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64

from ..errors import UsageError
from ..measures import STANDARD, Measure
from ..printable import printable
from ..protocol import Protocol
from ..report import Result
from .bootstrap import Weights, draw_weights, weighted_scores
from .common_images import OWN_MEASURES, CommonImages, common_images
from .significance import enough_to_tell, holm, wilcoxon_p

Verdict = Literal["a better", "b better", "not distinguishable"]
UNDECIDED: Verdict = "not distinguishable"


@dataclass(frozen=True, slots=True)
class Difference:
    """How two methods differ in one measure.

    Args:
        measure: which.
        a: score of the first method on the common images.
        b: score of the second.
        low: lower end of the interval of ``b - a``.
        high: its upper end.
        p: of the two-sided Wilcoxon signed-rank test on the images' own values; for ``maxF_pr`` and
            ``meanF_pr``, of which images have none, that of ``maxF`` and ``meanF``.
        p_holm: the same, corrected for the number of tests.
        images: how many the measure is defined on.
        verdict: which is better, where the interval leaves out 0 and the images are enough to tell.
    """

    measure: Measure
    a: float
    b: float
    low: float
    high: float
    p: float
    p_holm: float
    images: int
    verdict: Verdict

    @property
    def difference(self) -> float:
        """The second less the first."""
        return self.b - self.a


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two methods on the images of one benchmark that both hold.

    Args:
        benchmark: its name.
        a: name of the first method.
        b: name of the second; may be the same.
        images: how many both hold.
        left_out: how many only the first and only the second holds.
        protocol: the conventions of both.
        resamples: how many the intervals are taken from.
        seed: of their random numbers.
        level: of the intervals, e.g. 0.95.
        differences: one a measure, in the order of `measures.STANDARD`.
        notes: what a reader must know beside them.
    """

    benchmark: str
    a: str
    b: str
    images: int
    left_out: tuple[int, int]
    protocol: Protocol
    resamples: int
    seed: int
    level: float
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, str]:
        """What tells the two apart, on one line each."""
        a, b = printable(self.a), printable(self.b)
        return (a, b) if a != b else (f"{a} (A)", f"{b} (B)")


def compare(
    a: Result, b: Result, protocol: Protocol, *, resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> Comparison:
    """Compares two methods on the images that both hold; the same seed gives the same numbers.

    Images are resampled for both methods together, and every score of a resample is taken anew, as the
    protocol aggregates. The interval is the percentile interval of the resampled differences.

    Args:
        a: the first method.
        b: the second, on the same benchmark.
        protocol: the conventions that both follow.
        resamples: more give steadier ends of the intervals.
        seed: of the random numbers.
        level: of the intervals, between 0 and 1.

    Raises:
        UsageError: two benchmarks, no common image, a level or a number of resamples that makes no sense.
        ReportError: a result has no scores, or not those of its images, or the masks are not the same.
    """
    if not 0 < level < 1 or resamples < 1:
        raise UsageError(f"level {level} and {resamples} resamples; expected 0 < level < 1 and at least 1")
    common = common_images(a, b)
    return Comparison(
        benchmark=a.benchmark,
        a=a.method,
        b=b.method,
        images=len(common.keys),
        left_out=common.left_out,
        protocol=protocol,
        resamples=resamples,
        seed=seed,
        level=level,
        differences=_differences(common, draw_weights(len(common.keys), resamples, seed), protocol, level),
        notes=(*common.notes, *_say_too_few(len(common.keys), level)),
    )


def _say_too_few(images: int, level: float) -> list[str]:
    return [] if enough_to_tell(images, level) else ["Too few images to tell which method is better."]


def _differences(
    common: CommonImages, weights: Weights, protocol: Protocol, level: float
) -> tuple[Difference, ...]:
    a, b = (weighted_scores(each.values, each.counts, weights, protocol) for each in (common.a, common.b))
    p = {name: wilcoxon_p(common.a.values[name], common.b.values[name]) for name in OWN_MEASURES}
    p_holm = holm(p)
    found = []
    for name, measure in STANDARD.items():
        own = name.removesuffix("_pr")
        images = common.defined(own)
        low, high = _interval(b[name][1:] - a[name][1:], level)
        found.append(
            Difference(
                measure=measure,
                a=float(a[name][0]),
                b=float(b[name][0]),
                low=low,
                high=high,
                p=p[own],
                p_holm=p_holm[own],
                images=images,
                verdict=_verdict(measure, low, high) if enough_to_tell(images, level) else UNDECIDED,
            )
        )
    return tuple(found)


def _interval(differences: Float64[np.ndarray, "resamples"], level: float) -> tuple[float, float]:
    defined = differences[~np.isnan(differences)]
    if not len(defined):
        return math.nan, math.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _verdict(measure: Measure, low: float, high: float) -> Verdict:
    if not (low > 0 or high < 0):
        return UNDECIDED
    return "b better" if (low > 0) == (measure.better == "higher") else "a better"
