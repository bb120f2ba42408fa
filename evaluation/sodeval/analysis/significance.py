"""How likely a difference is where there is none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float64


def wilcoxon_p(a: Float64[np.ndarray, "n"], b: Float64[np.ndarray, "n"]) -> float:
    """The p of the two-sided signed-rank test on paired values.

    Pairs of which one is NaN are left out; without any difference p is 1, without any pair NaN.

    Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1945.

    Example:
        >>> wilcoxon_p(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.zeros(5))
        0.0625
    """
    differences = b - a
    differences = differences[~np.isnan(differences)]
    if not len(differences):
        return float("nan")
    if not differences.any():
        return 1.0
    from scipy.stats import wilcoxon

    return float(wilcoxon(differences[differences != 0]).pvalue)


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Each p corrected for how many there are, so that the chance of any false one stays bounded.

    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics
    1979. NaN takes no part.

    Example:
        >>> holm({"S": 0.04, "MAE": 0.01, "wF": 0.02})
        {'MAE': 0.03, 'wF': 0.04, 'S': 0.04}
    """
    ordered = sorted((value, name) for name, value in p.items() if not np.isnan(value))
    corrected = {name: value for name, value in p.items() if np.isnan(value)}
    largest = 0.0
    for rank, (value, name) in enumerate(ordered):
        largest = max(largest, min(1.0, value * (len(ordered) - rank)))
        corrected[name] = largest
    return corrected


def enough_to_tell(pairs: int, level: float) -> bool:
    """Whether differences of one sign in all pairs would be rare enough.

    A bootstrap of very few images knows of no others, and its interval is too narrow: that of a single one
    has no width at all.

    Example:
        >>> enough_to_tell(5, 0.95), enough_to_tell(6, 0.95)
        (False, True)
    """
    return bool(2 * 0.5**pairs <= 1 - level)
