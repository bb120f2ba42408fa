"""From images to a method: which averages are taken, and that no split of the work changes a bit."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import seeded_pairs

from sodeval import kernels, tally
from sodeval.curves import FAMILY_RATES
from sodeval.facts import Facts, concatenate
from sodeval.ground_truth import prepare
from sodeval.measures import FAMILIES, STANDARD
from sodeval.protocol import PYSODMETRICS, Protocol
from sodeval.report import PerImage
from sodeval.scoring import measure_pair
from sodeval.tally import Tally, f_of_averages, summarise

IMAGES = 40
KEYS = [f"{i:04}" for i in range(IMAGES)]
EVERY_FAMILY = tuple(FAMILIES)
PROTOCOLS = {
    "default": PYSODMETRICS,
    "three thresholds": Protocol(quantisation="none", thresholds=3),
    "two thresholds": Protocol(quantisation="none", thresholds=2),
}


@cache
def facts_of_many(protocol: Protocol) -> Facts:
    pairs = seeded_pairs(IMAGES)
    return concatenate(measure_pair(p.levels, prepare(p.mask, protocol), protocol) for p in pairs)


def one_by_one(facts: Facts) -> list[Facts]:
    return [facts[i : i + 1] for i in range(len(facts))]


def tally_in_parts(protocol: Protocol, cuts: list[int]) -> Tally:
    tally = Tally(protocol, EVERY_FAMILY)
    for start, end in pairwise([0, *sorted(cuts), IMAGES]):
        tally.add(KEYS[start:end], one_by_one(facts_of_many(protocol)[start:end]))
    return tally


def scores_of(tally: Tally, protocol: Protocol) -> dict[str, float]:
    return summarise(tally.per_image(), tally.curves(), protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS.keys())
@given(cuts=st.lists(st.integers(1, IMAGES - 1), max_size=8, unique=True))
@settings(max_examples=25)
def test_any_split_of_the_images_gives_the_same_bits(protocol: Protocol, cuts: list[int]) -> None:
    whole, split = tally_in_parts(protocol, []), tally_in_parts(protocol, cuts)
    for name, curve in whole.curves().items():
        np.testing.assert_array_equal(split.curves()[name], curve, err_msg=name)
    for name, column in whole.per_image().values.items():
        np.testing.assert_array_equal(split.per_image().values[name], column, err_msg=name)
    np.testing.assert_equal(scores_of(split, protocol), scores_of(whole, protocol))  # NaN equals NaN
    assert split.per_image().keys == tuple(KEYS)


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS.keys())
def test_curves_are_the_bits_of_numpys_mean_over_all_images(protocol: Protocol) -> None:
    apart = []
    for i in range(IMAGES):
        one = Tally(protocol, EVERY_FAMILY)
        one.add(KEYS[i : i + 1], [facts_of_many(protocol)[i : i + 1]])
        apart.append(one.curves())
    for name, curve in tally_in_parts(protocol, [7, 8, 21]).curves().items():
        np.testing.assert_array_equal(
            curve, np.mean([curves[name] for curves in apart], axis=0), err_msg=name
        )


# --- two images by hand ---------------------------------------------------------------------------

# Thresholds 0.99... and 0. Of four pixels two are salient.
# "a" finds one salient pixel at the first threshold: precision 1, recall 1/2, F 1.3 * 1/2 / (0.3 + 1/2).
# "b" finds both and one more: precision 2/3, recall 1, F 1.3 * 2/3 / (0.3 * 2/3 + 1).
# At 0 everything is found: precision 1/2, recall 1, F 1.3 * 1/2 / (0.3 * 1/2 + 1).
# At their adaptive thresholds both find what they find at the first one.
TWO = Protocol(quantisation="none", thresholds=2)
F_A, F_B, F_ALL = 0.65 / 0.8, (2.6 / 3) / 1.2, 0.65 / 1.15


@pytest.fixture
def two() -> Tally:
    tally = Tally(TWO)
    facts = Facts(
        counts=np.array([[[0, 2, 0], [1, 1, 0]], [[1, 1, 0], [2, 0, 0]]], np.uint32),
        adaptive=np.array([[0, 1], [1, 2]], np.int64),
        mae=np.array([0.25, 0.5]),
        s=np.array([0.5, 1]),
        wf=np.array([0, 0.5]),
    )
    tally.add(["a", "b"], one_by_one(facts))
    return tally


def test_each_image_has_its_own_best_mean_and_adaptive_f(two: Tally) -> None:
    images = two.per_image()
    assert images.keys == ("a", "b")
    assert images.values["MAE"].tolist() == [0.25, 0.5]
    assert images.values["maxF"].tolist() == pytest.approx([F_A, F_B], abs=1e-15)
    assert images.values["meanF"].tolist() == pytest.approx([(F_A + F_ALL) / 2, (F_B + F_ALL) / 2], abs=1e-15)
    assert images.values["adpF"].tolist() == pytest.approx([F_A, F_B], abs=1e-15)


def test_f_comes_from_the_averaged_curve_from_averaged_precision_and_recall_or_from_images(
    two: Tally,
) -> None:
    pr = 1.3 * (5 / 6) * (3 / 4) / (0.3 * (5 / 6) + 3 / 4)
    expected = {
        "curve": ((F_A + F_B) / 2, ((F_A + F_B) / 2 + F_ALL) / 2),
        "pr": (pr, (pr + F_ALL) / 2),
        "image": ((F_A + F_B) / 2, (F_A + F_B + 2 * F_ALL) / 4),
    }
    for aggregation, (best, mean) in expected.items():
        scores = scores_of(two, TWO.but(f_aggregation=aggregation))
        assert (scores["maxF"], scores["meanF"]) == pytest.approx((best, mean), abs=1e-15)
        assert (scores["maxF_pr"], scores["meanF_pr"]) == pytest.approx((pr, (pr + F_ALL) / 2), abs=1e-15)
        assert scores["adpF"] == pytest.approx((F_A + F_B) / 2, abs=1e-15)


def test_the_best_of_each_image_is_no_less_than_the_best_of_the_average() -> None:
    tally = tally_in_parts(PYSODMETRICS, [])
    for measure, choice in (("maxF", "f_aggregation"), ("maxE", "e_aggregation")):
        of_curve = scores_of(tally, PYSODMETRICS)[measure]
        of_images = scores_of(tally, PYSODMETRICS.but(**{choice: "image"}))[measure]
        assert of_images > of_curve
        assert of_images == np.mean(tally.per_image().values[measure])
        assert of_curve == tally.curves()[measure[-1]].max()


def test_mae_s_and_weighted_f_are_means_over_images(two: Tally) -> None:
    scores = scores_of(two, TWO)
    assert (scores["MAE"], scores["S"], scores["wF"]) == (0.375, 0.75, 0.25)


def test_scores_come_in_the_order_of_every_table() -> None:
    tally = tally_in_parts(PYSODMETRICS, [])
    on_request = [f"{kind}{family}" for family in FAMILY_RATES for kind in ("max", "mean", "adp")]
    assert list(scores_of(tally, PYSODMETRICS)) == [*STANDARD, *on_request]


def test_the_max_of_an_error_rate_is_its_largest_value_too() -> None:
    tally = tally_in_parts(PYSODMETRICS, [])
    scores = scores_of(tally, PYSODMETRICS)
    assert scores["maxFPR"] == tally.curves()["FPR"].max() > scores["meanFPR"]


def test_f_of_averages_is_0_where_nothing_is_found() -> None:
    curves = {"precision": np.array([0, 0.5]), "recall": np.array([0, 0.5])}
    assert f_of_averages(curves, 0.3).tolist() == [0, 0.5]


def test_one_undefined_s_leaves_the_score_undefined() -> None:
    images = PerImage(("a", "b"), {name: np.array([0.5, np.nan]) for name in STANDARD})
    curves = {name: np.array([0.5]) for name in ("precision", "recall", "F", "E")}
    scores = summarise(images, curves, PYSODMETRICS)
    assert np.isnan(scores["S"])
    assert scores["maxF"] == 0.5


def test_many_images_at_once_are_added_up_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    trace = kernels.trace_curves

    def trace_curves(counts: Any, *others: Any) -> None:
        sizes.append(len(counts))
        trace(counts, *others)

    monkeypatch.setattr(kernels, "trace_curves", trace_curves)
    facts = Facts(
        np.ones((200, 2, 257), np.uint32), np.ones((200, 2), np.int64), *(np.zeros(200) for _ in range(3))
    )
    whole = Tally(PYSODMETRICS)
    whole.add([str(i) for i in range(200)], one_by_one(facts))
    assert len(whole.per_image().keys) == 200
    assert max(sizes) < 2 * tally.IMAGES_AT_ONCE
