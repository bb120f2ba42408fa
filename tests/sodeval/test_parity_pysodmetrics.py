"""The same numbers as PySODMetrics 1.6.2, by every path through the code.

Bit for bit where only counts of pixels enter: precision, recall, F, the measures on request, adaptive F and
adaptive E. To 1e-12 where sums of fractions do: MAE, S, weighted F and the E curve.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from backends import kernels_in
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from jaxtyping import Bool, Num
from pairs import Levels, Mask, Pair, hostile_pairs, seeded_pairs, small_pairs

from sodeval import kernels, reference, values
from sodeval.evaluation import Options, evaluate_pairings
from sodeval.facts import Facts
from sodeval.ground_truth import prepare
from sodeval.inputs.pairing import Pairing, pair
from sodeval.levels import scale
from sodeval.measures import FAMILIES
from sodeval.protocol import PYSODMETRICS, Protocol
from sodeval.report import Result
from sodeval.scoring import measure_pair
from sodeval.tally import Tally

with warnings.catch_warnings(action="ignore"):  # of the libraries that it imports
    sod = pytest.importorskip("py_sod_metrics", exc_type=ImportError)

pytestmark = pytest.mark.parity

Numbers = Mapping[str, Any]

TO_1E12 = {"MAE", "S", "wF", "E", "maxE", "meanE"}
UNSCALED = Protocol(scaling="none", mae_scaling="none")
HANDLERS = {
    "IoU": "IOUHandler",
    "Dice": "DICEHandler",
    "BER": "BERHandler",
    "specificity": "SpecificityHandler",
    "FPR": "FPRHandler",
    "kappa": "KappaHandler",
    "accuracy": "OverallAccuracyHandler",
}


# --- theirs ---------------------------------------------------------------------------------------


def silently(make: Callable[[], Any]) -> Any:
    """Its F-measure says that it will be removed one day; an empty quadrant has no mean."""
    with warnings.catch_warnings(action="ignore"):
        return make()


class PySODMetrics:
    """Its measures, and what they gave."""

    def __init__(self, families: Iterable[str] = FAMILIES) -> None:
        self.mae, self.s, self.wf, self.e = sod.MAE(), sod.Smeasure(), sod.WeightedFmeasure(), sod.Emeasure()
        self.f = silently(sod.Fmeasure)
        handlers = {name: getattr(sod, HANDLERS[name])(True, True) for name in families}
        self.on_request = sod.FmeasureV2(handlers)
        self.measures = [self.mae, self.s, self.wf, self.e, self.f, *([self.on_request] if handlers else [])]

    def step(self, saliency: Num[np.ndarray, "h w"], mask: Mask, normalize: bool = True) -> None:
        gt = mask.astype(np.uint8) * 255 if normalize else mask
        for measure in self.measures:
            silently(partial(measure.step, saliency, gt, normalize))

    def results(self) -> Numbers:
        """Averaged over images."""
        f, e = self.f.get_results(), self.e.get_results()["em"]
        numbers = {
            "MAE": self.mae.get_results()["mae"],
            "S": self.s.get_results()["sm"],
            "wF": self.wf.get_results()["wfm"],
            "precision": f["pr"]["p"],
            "recall": f["pr"]["r"],
            **named("F", f["fm"]["curve"], f["fm"]["adp"]),
            **named("E", e["curve"], e["adp"]),
        }
        for name, result in self.on_request.get_results().items():
            numbers |= named(name, result["dynamic"], result["adaptive"])
        return numbers

    def images(self) -> Numbers:
        """Of each image."""
        return {
            "MAE": self.mae.maes,
            "S": self.s.sms,
            "wF": self.wf.weighted_fms,
            "adpF": self.f.adaptive_fms,
            "adpE": self.e.adaptive_ems,
            "maxF": np.max(self.f.changeable_fms, axis=1),
            "maxE": np.max(self.e.changeable_ems, axis=1),
        }


def named(name: str, curve: np.ndarray, adaptive: float) -> Numbers:
    return {name: curve, f"max{name}": curve.max(), f"mean{name}": curve.mean(), f"adp{name}": adaptive}


def pysodmetrics(saliency: Num[np.ndarray, "h w"], mask: Mask, normalize: bool = True) -> Numbers:
    metrics = PySODMetrics()
    metrics.step(saliency, mask, normalize)
    return metrics.results()


def assert_same(ours: Numbers, theirs: Numbers, where: object = "") -> None:
    for name, value in ours.items():
        said = f"{name} of {where}"
        if name in TO_1E12:
            np.testing.assert_allclose(value, theirs[name], rtol=0, atol=1e-12, err_msg=said)
        else:
            np.testing.assert_array_equal(value, theirs[name], err_msg=said)


# --- ours -----------------------------------------------------------------------------------------


def numbers_of(facts: Facts, protocol: Protocol) -> Numbers:
    """What a report says of a single pair."""
    tally = Tally(protocol, tuple(FAMILIES))
    tally.add(["pair"], [facts])
    columns = {name: column[0] for name, column in tally.per_image().values.items()}
    return columns | tally.curves()


def of_levels(levels: Levels, mask: Mask, protocol: Protocol = PYSODMETRICS) -> Numbers:
    return numbers_of(measure_pair(levels, prepare(mask, protocol), protocol), protocol)


def of_levels_in_numpy(levels: Levels, mask: Mask, protocol: Protocol = PYSODMETRICS) -> Numbers:
    with kernels_in("numpy"):
        return of_levels(levels, mask, protocol)


def of_values(pixels: Num[np.ndarray, "h w"], mask: Mask, protocol: Protocol = PYSODMETRICS) -> Numbers:
    return numbers_of(values.measure(pixels, prepare(mask, protocol), protocol), protocol)


def of_reference(pixels: Num[np.ndarray, "h w"], mask: Mask, protocol: Protocol = PYSODMETRICS) -> Numbers:
    saliency = scale(pixels, protocol.scaling)
    curve = reference.confusion_curve(saliency, mask)
    adaptive = reference.confusion(saliency >= reference.adaptive_threshold(saliency), mask)
    return {
        "MAE": reference.mae(saliency, mask),
        "S": reference.s_measure(saliency, mask),
        "wF": reference.weighted_f_measure(saliency, mask),
        "precision": reference.precision(curve),
        "recall": reference.recall(curve),
        "F": reference.f_measure(curve),
        "E": reference.e_measure(curve),
        "adpF": reference.f_measure(adaptive),
        "adpE": reference.adaptive_e_measure(adaptive),
    }


def every_path(levels: Levels, mask: Mask) -> Iterator[tuple[str, Numbers]]:
    """The same 8-bit map, read as what it is, as 16 bits and as floats: k / 255 = 257 k / 65535."""
    yield f"8-bit, {kernels.backend}", of_levels(levels, mask)
    yield "8-bit, numpy", of_levels_in_numpy(levels, mask)
    yield "16-bit", of_values(levels.astype(np.uint16) * np.uint16(257), mask)
    yield "float", of_values(levels / 255, mask)
    yield "reference", of_reference(levels, mask)


# --- pair by pair ---------------------------------------------------------------------------------


def assert_every_path_agrees(drawn: Pair) -> None:
    theirs = pysodmetrics(drawn.levels, drawn.mask)
    for path, ours in every_path(drawn.levels, drawn.mask):
        assert_same(ours, theirs, f"{drawn} ({path})")


@given(small_pairs())
@settings(max_examples=60)
def test_any_small_pair_scores_as_in_pysodmetrics(drawn: Pair) -> None:
    assert_every_path_agrees(drawn)


@pytest.mark.parametrize("drawn", hostile_pairs(), ids=str)
def test_a_hostile_pair_scores_as_in_pysodmetrics(drawn: Pair) -> None:
    assert_every_path_agrees(drawn)


def test_ordinary_pairs_score_as_in_pysodmetrics() -> None:
    for drawn in seeded_pairs(40):
        assert_every_path_agrees(drawn)


@given(small_pairs())
@settings(max_examples=60)
def test_without_scaling_a_pair_scores_as_in_pysodmetrics_without_normalize(drawn: Pair) -> None:
    theirs = pysodmetrics(drawn.levels / 255, drawn.mask, normalize=False)
    for path in (of_levels, of_levels_in_numpy, of_reference):
        assert_same(path(drawn.levels, drawn.mask, UNSCALED), theirs, path.__name__)
    assert_same(of_values(drawn.levels / 255, drawn.mask, UNSCALED), theirs, "float")


@given(st.data())
@settings(max_examples=60)
def test_float_maps_score_as_in_pysodmetrics_without_normalize(data: st.DataObject) -> None:
    shape = data.draw(array_shapes(min_dims=2, max_dims=2, max_side=10))
    saliency = data.draw(arrays(np.float64, shape, elements=st.floats(0, 1)))
    mask: Bool[np.ndarray, "h w"] = data.draw(arrays(bool, shape))
    theirs = pysodmetrics(saliency, mask, normalize=False)
    assert_same(of_values(saliency, mask, UNSCALED), theirs, "values")
    assert_same(of_reference(saliency, mask, UNSCALED), theirs, "reference")


@given(st.data())
def test_16_bit_maps_score_as_in_pysodmetrics_once_stretched(data: st.DataObject) -> None:
    shape = data.draw(array_shapes(min_dims=2, max_dims=2, max_side=10))
    pixels = data.draw(arrays(np.uint16, shape))
    mask = data.draw(arrays(bool, shape))
    stretched = pixels / 65535
    if pixels.min() != pixels.max():
        stretched = (stretched - stretched.min()) / (stretched.max() - stretched.min())
    assert_same(of_values(pixels, mask), pysodmetrics(stretched, mask, normalize=False))


# --- whole benchmarks -----------------------------------------------------------------------------


def first(count: int, pairing: Pairing) -> Pairing:
    """A benchmark of some of the masks."""
    masks = dict(islice(pairing.masks.items(), count))
    maps = {method: {key: files[key] for key in masks} for method, files in pairing.maps.items()}
    return Pairing(pairing.benchmark, masks, maps, {})


def assert_scores_as_pysodmetrics(
    result: Result, pairing: Pairing, families: Iterable[str] = FAMILIES
) -> None:
    metrics = PySODMetrics(families)
    for key in sorted(pairing.masks):
        saliency = cv2.imread(str(pairing.maps[result.method][key]), cv2.IMREAD_GRAYSCALE)
        gt = cv2.imread(str(pairing.masks[key]), cv2.IMREAD_GRAYSCALE)
        metrics.step(saliency, gt > 128)
    theirs, per_image, curves = metrics.results(), result.per_image, result.curves
    assert result.images == len(pairing.masks)
    assert per_image is not None
    assert curves is not None
    scores = {name: value for name, value in result.scores.items() if not name.endswith("_pr")}
    assert_same(scores, theirs, result.method)
    assert_same(curves, theirs, result.method)
    assert_same({name: per_image.values[name] for name in metrics.images()}, metrics.images(), "each image")


def ecssd(shared_data: Path) -> Pairing:
    folder = shared_data / "ecssd"
    return pair(folder / "gt", {"CSNet": folder / "predictions" / "CSNet-L-x2"}, "ECSSD")


def sod_benchmark(shared_data: Path) -> Pairing:
    folder = shared_data / "sod"
    methods = ("Amulet", "DSS", "PiCANet")
    return pair(folder / "gt", {method: folder / "predictions" / method for method in methods}, "SOD")


@pytest.mark.parametrize("benchmark", [ecssd, sod_benchmark])
def test_real_maps_score_as_in_pysodmetrics(shared_data: Path, benchmark: Callable[[Path], Pairing]) -> None:
    some = first(60, benchmark(shared_data))
    for result in evaluate_pairings([some], Options(families=tuple(FAMILIES))).results:
        assert_scores_as_pysodmetrics(result, some)


@pytest.mark.slow
def test_the_whole_of_ecssd_scores_as_in_pysodmetrics(shared_data: Path) -> None:
    whole = ecssd(shared_data)
    (result,) = evaluate_pairings([whole], Options()).results
    assert result.gt_copy == "known"
    assert round(result.scores["MAE"], 4) == 0.0657
    assert_scores_as_pysodmetrics(result, whole, families=())
