"""What people use now to score saved maps, and merely reading them; nothing of ours, so that memory tells."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import cv2

Files = tuple[str, str]
"""A mask and a map."""


def of_folders(gt: Path, maps: Path) -> list[Files]:
    """The pairs of two folders with the same names."""
    return [(str(gt / file.name), str(file)) for file in sorted(maps.iterdir())]


def read(pairs: Iterable[Files]) -> None:
    """What it costs to have the pixels at all."""
    for mask, saliency in pairs:
        cv2.imread(mask, cv2.IMREAD_GRAYSCALE)
        cv2.imread(saliency, cv2.IMREAD_GRAYSCALE)


def pysodmetrics(pairs: Iterable[Files]) -> None:
    """The measures of sodeval by PySODMetrics, as its users call it."""
    from py_sod_metrics import MAE, Emeasure, Fmeasure, Smeasure, WeightedFmeasure

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metrics = (MAE(), Smeasure(), Emeasure(), Fmeasure(), WeightedFmeasure())
    for mask, saliency in pairs:
        gt, pred = cv2.imread(mask, cv2.IMREAD_GRAYSCALE), cv2.imread(saliency, cv2.IMREAD_GRAYSCALE)
        for metric in metrics:
            metric.step(pred, gt)
    for metric in metrics:
        metric.get_results()
