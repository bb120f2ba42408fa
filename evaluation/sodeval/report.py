"""What an evaluation found: the one structure that every output is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float64, UInt32

from .problem import Problem
from .protocol import Protocol

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
"""Of ``report.json``; goes up when a reader of an older one could misread a newer one."""


@dataclass(frozen=True, slots=True)
class PerImage:
    """The scores of each image of one method on one benchmark.

    Args:
        keys: image names without extension, sorted.
        values: measure -> one value an image, in the order of `keys`.
        counts: pixels of each image that first pass each threshold, highest threshold first, on
            background (row 0) and foreground (row 1); the last column never passes. Every curve and
            every F- and E-measure follows from it, so that two reports can be compared exactly.
            None where a report was read without its ``curves.npz``.
    """

    keys: tuple[str, ...]
    values: Mapping[str, Float64[np.ndarray, "n"]]
    counts: UInt32[np.ndarray, "n 2 bins"] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """One method on one benchmark.

    Args:
        method: its name.
        benchmark: the name of the benchmark.
        images: how many images were scored.
        expected: how many masks the benchmark's folder holds.
        scores: measure -> score over all images; empty where the method gets none because maps are
            missing or unreadable, and that was not allowed.
        problems: all that was noticed about its files, sorted.
        gt_fingerprint: of the masks as the measures saw them: 64 hex digits over names, sizes, pixels.
        gt_copy: ``known`` where the fingerprint is the one that we hold for this benchmark,
            ``unknown`` where it is not, or where we hold none.
        per_image: the same scores, an image each.
        curves: ``precision``, ``recall``, ``F`` and ``E`` averaged over images, highest threshold first.
    """

    method: str
    benchmark: str
    images: int
    expected: int
    scores: Mapping[str, float]
    problems: tuple[Problem, ...] = ()
    gt_fingerprint: str = ""
    gt_copy: str = "unknown"
    per_image: PerImage | None = field(default=None, repr=False)
    curves: Mapping[str, Float64[np.ndarray, "thresholds"]] | None = field(default=None, repr=False)

    @property
    def partial(self) -> bool:
        """Whether fewer images were scored than the benchmark has masks."""
        return self.images < self.expected

    @property
    def scored(self) -> bool:
        return bool(self.scores)


@dataclass(frozen=True, slots=True)
class Report:
    """Every method on every benchmark, with the conventions that the numbers follow.

    Args:
        protocol: every choice that changes a number.
        results: sorted by benchmark, then in the order in which the methods were named.
        sodeval: the version that computed it.
    """

    protocol: Protocol
    results: tuple[Result, ...]
    sodeval: str

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """Benchmark names, each once, in the order of `results`."""
        return tuple(dict.fromkeys(result.benchmark for result in self.results))

    @property
    def complete(self) -> bool:
        """Whether every method was scored on every image."""
        return all(result.scored and not result.partial for result in self.results)

    def of(self, benchmark: str) -> tuple[Result, ...]:
        """The results on one benchmark."""
        return tuple(result for result in self.results if result.benchmark == benchmark)

    def to_json(self) -> dict[str, object]:
        """What ``report.json`` holds."""
        from .outputs.report_json import report_to_json

        return report_to_json(self)

    def to_pandas(self) -> pd.DataFrame:
        """One row a method and benchmark, one column a measure, at full precision."""
        from .outputs.tables import to_pandas

        return to_pandas(self)

    def to_markdown(self) -> str:
        """A Markdown table a benchmark, the best three of each column marked."""
        from .outputs.tables import to_markdown

        return to_markdown(self)

    def to_latex(self) -> str:
        """A LaTeX table (booktabs, xcolor), the best three of each column marked."""
        from .outputs.tables import to_latex

        return to_latex(self)
