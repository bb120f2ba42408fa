"""How much a score would change with other images: the paired bootstrap.

A resample draws as many images as there are, with replacement. Each is a row of weights, how often it drew
each image; a score of the resample then follows from weighted averages, for the measures of the averaged
curves too, whose maximum no average of the images' own scores gives.

Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 6 and 13.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float64, UInt16, UInt32

from ..curves import Rate, confusions, curve_rates
from ..protocol import Protocol
from ..report import PerImage
from ..tally import summarise

IMAGES_AT_ONCE = 256
"""Their curves and weights are held as float64 together: a few megabytes."""

Weights = UInt16[np.ndarray, "rows n"]
Columns = Callable[[slice], Float64[np.ndarray, "images columns"]]


def draw_weights(images: int, resamples: int, seed: int) -> Weights:
    """How often each resample drew each image, below a first row that has every image once.

    Each row sums to `images`; the first gives the scores themselves.
    """
    random = np.random.default_rng(seed)
    weights = np.ones((1 + resamples, images), np.uint16)
    for row in weights[1:]:
        row[:] = np.bincount(random.integers(images, size=images), minlength=images)
    return weights


def weighted_scores(
    values: Mapping[str, Float64[np.ndarray, "n"]],
    counts: UInt32[np.ndarray, "n 2 bins"],
    weights: Weights,
    protocol: Protocol,
) -> dict[str, Float64[np.ndarray, "rows"]]:
    """Measure -> score of each row of weights, as the protocol aggregates.

    Args:
        values: as in `PerImage`. An image whose value is NaN is left out of that measure.
        counts: as in `PerImage`.
        weights: from `draw_weights`.
        protocol: the conventions that both follow.
    """
    averages = _averages(values, weights)
    curves = _average_curves(counts, weights, protocol)
    scores = [
        # to the sums of a protocol, a row is one image that has the average of all
        summarise(
            PerImage(("average",), {name: averages[name][i : i + 1] for name in averages}),
            {name: curves[name][i] for name in curves},
            protocol,
        )
        for i in range(len(weights))
    ]
    return {name: np.array([each[name] for each in scores]) for name in scores[0]}


def _averages(
    values: Mapping[str, Float64[np.ndarray, "n"]], weights: Weights
) -> dict[str, Float64[np.ndarray, "rows"]]:
    table = np.stack(list(values.values()), axis=1)
    sums = _weighted_sums(weights, lambda block: np.nan_to_num(table[block]))
    drawn = _weighted_sums(weights, lambda block: (~np.isnan(table[block])).astype(np.float64))
    averages = np.divide(sums, drawn, out=np.full_like(sums, np.nan), where=drawn > 0)
    return dict(zip(values, averages.T, strict=True))


def _average_curves(
    counts: UInt32[np.ndarray, "n 2 bins"], weights: Weights, protocol: Protocol
) -> dict[str, Float64[np.ndarray, "rows thresholds"]]:
    def average(rate: Rate) -> Float64[np.ndarray, "rows thresholds"]:
        return _weighted_sums(weights, lambda block: rate(confusions(counts[block]))) / len(counts)

    return {name: average(rate) for name, rate in curve_rates(protocol.f_beta2).items()}


def _weighted_sums(weights: Weights, columns: Columns) -> Float64[np.ndarray, "rows columns"]:
    """The matrix product, without ever holding all of either as float64."""
    blocks = [slice(at, at + IMAGES_AT_ONCE) for at in range(0, weights.shape[1], IMAGES_AT_ONCE)]
    total = weights[:, blocks[0]].astype(np.float64) @ columns(blocks[0])
    for block in blocks[1:]:
        total += weights[:, block].astype(np.float64) @ columns(block)
    return total
