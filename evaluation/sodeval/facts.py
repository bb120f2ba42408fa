"""What is measured on the pixels of a pair; every score follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float64, Int64, UInt32


@dataclass(frozen=True, slots=True)
class Facts:
    """About n pairs of a saliency map and a mask.

    Args:
        counts: pixels that first pass each threshold, on background (0) and foreground (1), highest
            threshold first; the last column never passes.
        adaptive: pixels at or over the adaptive threshold, on background and foreground.
        mae: mean absolute error.
        s: S-measure.
        wf: weighted F-measure.
    """

    counts: UInt32[np.ndarray, "n 2 bins"]
    adaptive: Int64[np.ndarray, "n 2"]
    mae: Float64[np.ndarray, "n"]
    s: Float64[np.ndarray, "n"]
    wf: Float64[np.ndarray, "n"]

    def __len__(self) -> int:
        return len(self.mae)

    def __getitem__(self, which: slice | list[int]) -> Facts:
        return Facts(*(getattr(self, field.name)[which] for field in fields(self)))


def concatenate(parts: Iterable[Facts]) -> Facts:
    """The facts of all parts, in their order."""
    every = list(parts)
    return Facts(*(np.concatenate([getattr(part, f.name) for part in every]) for f in fields(Facts)))
