"""What follows from true and false positives: every curve, and every F- and E-measure.

All functions take many images at once; the first axis is the image, the last one the threshold,
highest first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float64, Int64, UInt32

from .reference import Confusion, adaptive_e_measure, divide, e_measure, f_measure, precision, recall

Rates = Float64[np.ndarray, "..."]
Counts = UInt32[np.ndarray, "n 2 bins"]
Rate = Callable[[Confusion], Rates]


def confusions(counts: Counts) -> Confusion:
    """Of each image at each threshold.

    Args:
        counts: pixels that first pass each threshold, on background (0) and foreground (1); the last
            column never passes.
    """
    passed = np.cumsum(counts, axis=-1, dtype=np.int64)
    fp, tp = passed[:, 0, :-1], passed[:, 1, :-1]
    return Confusion(tp=tp, fp=fp, fn=passed[:, 1, -1:] - tp, tn=passed[:, 0, -1:] - fp)


def adaptive_confusions(counts: Counts, passed: Int64[np.ndarray, "n 2"]) -> Confusion:
    """Of each image at its adaptive threshold, which `passed` pixels pass (background, foreground)."""
    totals = counts.sum(axis=-1, dtype=np.int64)
    missed = totals - passed
    return Confusion(tp=passed[:, 1], fp=passed[:, 0], fn=missed[:, 1], tn=missed[:, 0])


def iou(counts: Confusion) -> Rates:
    """tp / (tp + fp + fn); 0 where all are."""
    return divide(counts.tp, counts.tp + counts.fp + counts.fn)


def dice(counts: Confusion) -> Rates:
    """2 tp / (2 tp + fp + fn); 0 where all are."""
    return divide(2 * counts.tp, counts.tp + counts.fn + counts.tp + counts.fp)


def specificity(counts: Confusion) -> Rates:
    """tn / (tn + fp); 0 for a full ground truth."""
    return divide(counts.tn, counts.tn + counts.fp)


def false_positive_rate(counts: Confusion) -> Rates:
    """fp / (tn + fp); 0 for a full ground truth."""
    return divide(counts.fp, counts.tn + counts.fp)


def balanced_error_rate(counts: Confusion) -> Rates:
    """1 - (recall + specificity) / 2."""
    return np.asarray(1 - 0.5 * (recall(counts) + specificity(counts)))


def accuracy(counts: Confusion) -> Rates:
    """(tp + tn) / all."""
    return divide(counts.tp + counts.tn, counts.tp + counts.fp + counts.tn + counts.fn)


def kappa(counts: Confusion) -> Rates:
    """Cohen's kappa as the reference has it: accuracy beyond chance; 0 where chance alone is always right."""
    tp, fp, fn, tn = counts.tp, counts.fp, counts.fn, counts.tn
    # (tn + fn) * (tn + tp) mirrors the reference; Cohen has (tn + fn) * (tn + fp)
    chance = divide((tp + fp) * (tp + fn) + (tn + fn) * (tn + tp), (tp + fp + tn + fn) ** 2)
    return divide(accuracy(counts) - chance, 1 - chance)


FAMILY_RATES: Mapping[str, Rate] = {
    "IoU": iou,
    "Dice": dice,
    "BER": balanced_error_rate,
    "specificity": specificity,
    "FPR": false_positive_rate,
    "kappa": kappa,
    "accuracy": accuracy,
}


def curve_rates(beta2: float, families: tuple[str, ...] = ()) -> Mapping[str, Rate]:
    """The curves of a report by name, and how each follows from the counts."""
    standard: dict[str, Rate] = {
        "precision": precision,
        "recall": recall,
        "F": lambda counts: f_measure(counts, beta2),
        "E": e_measure,
    }
    return standard | {name: FAMILY_RATES[name] for name in families}


def adaptive_rates(beta2: float, families: tuple[str, ...] = ()) -> Mapping[str, Rate]:
    """The same at the adaptive threshold, and how each follows from the counts there."""
    return dict(curve_rates(beta2, families)) | {"E": adaptive_e_measure}
