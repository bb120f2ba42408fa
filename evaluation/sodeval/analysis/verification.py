"""A second opinion: some pairs scored again with PySODMetrics."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Num

from ..curves import adaptive_confusions, adaptive_rates, confusions, curve_rates
from ..defaults import DEFAULT_MAX_PIXELS
from ..errors import MissingExtraError, ProtocolError
from ..facts import Facts
from ..ground_truth import binarise, prepare
from ..inputs.pairing import Pairing
from ..inputs.reading import decode, read_bytes
from ..levels import scale
from ..protocol import PYSODMETRICS, Protocol
from ..scoring import fit, measure_pair

TOLERANCE = 1e-12
FIXED_THERE = (
    "scaling",
    "mae_scaling",
    "quantisation",
    "thresholds",
    "comparison",
    "adaptive_factor",
    "wf_kernel_px",
    "wf_sigma_px",
)
"""PySODMetrics has one convention for each; a protocol that departs from it cannot be checked with it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest one of a measure.

    Args:
        measure: its name.
        largest: absolute difference, 0 where all bits agree; NaN counts as equal to NaN.
        file: the map that shows it.
    """

    measure: str
    largest: float
    file: Path


def verify_pairing(
    pairing: Pairing,
    protocol: Protocol,
    sample: int,
    seed: int,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    on_pair: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[int, list[Difference]]:
    """Scores a random sample of all methods' maps twice; `on_pair` hears how many are done, and of how many.

    Returns:
        How many pairs were compared, and the largest difference of each measure.

    Raises:
        MissingExtraError: PySODMetrics is not installed.
        ProtocolError: the protocol makes choices that PySODMetrics does not know.
        ImageError: a file cannot be used.
    """
    _refuse_other_conventions(protocol)
    pairs = _sample(pairing, sample, seed)
    worst: dict[str, Difference] = {}
    for done, (mask, saliency) in enumerate(pairs, 1):
        for difference in _compare(mask, saliency, protocol, max_pixels):
            known = worst.get(difference.measure)
            if known is None or difference.largest > known.largest:
                worst[difference.measure] = difference
        on_pair(done, len(pairs))
    return len(pairs), list(worst.values())


def _compare(mask_path: Path, map_path: Path, protocol: Protocol, max_pixels: int) -> Iterator[Difference]:
    mask, saliency = (decode(read_bytes(path), path, max_pixels).values for path in (mask_path, map_path))
    gt = prepare(binarise(mask, protocol), protocol)
    pixels, _ = fit(saliency, gt, protocol, map_path)
    ours, theirs = (
        _ours(measure_pair(pixels, gt, protocol), protocol),
        pysodmetrics(pixels, gt.mask, protocol),
    )
    for name, value in ours.items():
        yield Difference(name, largest_difference(np.asarray(value), np.asarray(theirs[name])), map_path)


def largest_difference(a: Float64[np.ndarray, "..."], b: Float64[np.ndarray, "..."]) -> float:
    """The largest absolute difference; none where both are NaN, infinite where one alone is.

    Example:
        >>> largest_difference(np.array([1.0, np.nan]), np.array([0.5, np.nan]))
        0.5
        >>> largest_difference(np.array([1.0]), np.array([np.nan]))
        inf
    """
    apart = np.where(np.isnan(a) & np.isnan(b), 0, np.abs(a - b))
    return float(np.nan_to_num(apart, nan=np.inf, posinf=np.inf).max())


def _ours(facts: Facts, protocol: Protocol) -> dict[str, Any]:
    at_thresholds, adaptive = confusions(facts.counts), adaptive_confusions(facts.counts, facts.adaptive)
    rates, at_adaptive = curve_rates(protocol.f_beta2), adaptive_rates(protocol.f_beta2)
    return (
        {"MAE": facts.mae[0], "S": facts.s[0], "wF": facts.wf[0]}
        | {name: rate(at_thresholds)[0] for name, rate in rates.items()}
        | {f"adp{name}": at_adaptive[name](adaptive)[0] for name in ("F", "E")}
    )


def _refuse_other_conventions(protocol: Protocol) -> None:
    other = [name for name in FIXED_THERE if getattr(protocol, name) != getattr(PYSODMETRICS, name)]
    if other:
        raise ProtocolError(
            f"PySODMetrics does not know the protocol's {', '.join(other)}; "
            "verify with --protocol pysodmetrics"
        )


def _sample(pairing: Pairing, sample: int, seed: int) -> list[tuple[Path, Path]]:
    pairs = [
        (pairing.masks[key], path) for maps in pairing.maps.values() for key, path in sorted(maps.items())
    ]
    return random.Random(seed).sample(pairs, min(sample, len(pairs)))


def pysodmetrics(
    pixels: Num[np.ndarray, "h w"], mask: Bool[np.ndarray, "h w"], protocol: Protocol
) -> dict[str, Any]:
    """What PySODMetrics says of one pair.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import py_sod_metrics as reference
    except ImportError as error:
        raise MissingExtraError("pysodmetrics", "verify") from error
    saliency = scale(pixels, protocol.scaling)  # the same min-max scaling: its own is for 8 bits alone
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of its own classes, and of empty quadrants
        fm, em = reference.Fmeasure(protocol.f_beta2), reference.Emeasure()
        mae, sm = reference.MAE(), reference.Smeasure(protocol.s_alpha)
        wfm = reference.WeightedFmeasure(protocol.wf_beta2)
        for metric in (fm, em, mae, sm, wfm):
            metric.step(saliency, mask, normalize=False)
    return {
        "MAE": mae.maes[0],
        "S": sm.sms[0],
        "wF": wfm.weighted_fms[0],
        "precision": fm.precisions[0],
        "recall": fm.recalls[0],
        "F": fm.changeable_fms[0],
        "adpF": fm.adaptive_fms[0],
        "E": em.changeable_ems[0],
        "adpE": em.adaptive_ems[0],
    }
