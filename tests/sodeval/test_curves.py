"""What follows from counts: the measures on request by hand, and many images at once as one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from jaxtyping import UInt32
from pairs import Pair, small_pairs

from sodeval import curves, reference
from sodeval.curves import FAMILY_RATES, adaptive_confusions, adaptive_rates, confusions, curve_rates
from sodeval.ground_truth import prepare
from sodeval.levels import scale
from sodeval.measures import FAMILIES
from sodeval.protocol import PYSODMETRICS
from sodeval.reference import Confusion
from sodeval.scoring import measure_pair

Counts = UInt32[np.ndarray, "n 2 bins"]

COUNTS = st.integers(1, 4).flatmap(
    lambda n: arrays(np.uint32, (n, 2, 5), elements=st.integers(0, 40)).filter(
        lambda counts: counts.sum(axis=(1, 2)).all()
    )
)


def one(tp: int, fp: int, fn: int, tn: int) -> Confusion:
    return Confusion(*(np.array([count]) for count in (tp, fp, fn, tn)))


TEN_PIXELS = one(tp=3, fp=1, fn=2, tn=4)


def test_counts_of_first_passes_add_up_to_confusions() -> None:
    # Three thresholds. Background: 1 pixel passes the first, 2 more the third, 4 never. Object: 5, 6, 0, 7.
    counts = np.array([[[1, 0, 2, 4], [5, 6, 0, 7]]], np.uint32)
    found = confusions(counts)
    assert found.fp.tolist() == [[1, 1, 3]]
    assert found.tp.tolist() == [[5, 11, 11]]
    assert found.tn.tolist() == [[6, 6, 4]]
    assert found.fn.tolist() == [[13, 7, 7]]


def test_an_adaptive_confusion_is_what_passed_and_what_did_not() -> None:
    counts = np.array([[[1, 0, 2, 4], [5, 6, 0, 7]]], np.uint32)
    assert adaptive_confusions(counts, np.array([[2, 9]])) == one(tp=9, fp=2, fn=9, tn=5)


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("IoU", 3 / 6),
        ("Dice", 6 / 9),
        ("specificity", 4 / 5),
        ("FPR", 1 / 5),
        ("BER", 1 - (3 / 5 + 4 / 5) / 2),
        ("accuracy", 7 / 10),
        # By chance (4 * 5 + 6 * 7) / 100 = 0.62 agree (Cohen has 6 * 5); (0.7 - 0.62) / (1 - 0.62)
        ("kappa", 0.08 / 0.38),
    ],
)
def test_a_measure_on_request_of_ten_pixels(family: str, expected: float) -> None:
    assert FAMILY_RATES[family](TEN_PIXELS)[0] == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("family", "found", "expected"),
    [
        ("IoU", one(tp=0, fp=0, fn=0, tn=5), 0),
        ("Dice", one(tp=0, fp=0, fn=0, tn=5), 0),
        ("specificity", one(tp=2, fp=0, fn=3, tn=0), 0),
        ("FPR", one(tp=2, fp=0, fn=3, tn=0), 0),
        ("BER", one(tp=5, fp=0, fn=0, tn=0), 0.5),
        ("kappa", one(tp=5, fp=0, fn=0, tn=0), 0),
    ],
)
def test_a_measure_without_its_pixels_is_as_in_the_reference(
    family: str, found: Confusion, expected: float
) -> None:
    assert FAMILY_RATES[family](found)[0] == expected


def test_every_family_has_a_rate() -> None:
    assert FAMILY_RATES.keys() == FAMILIES.keys()


def test_curves_come_in_the_order_asked_for() -> None:
    assert list(curve_rates(0.3)) == ["precision", "recall", "F", "E"]
    assert list(curve_rates(0.3, ("Dice", "IoU"))) == ["precision", "recall", "F", "E", "Dice", "IoU"]
    assert list(adaptive_rates(0.3, ("IoU",))) == ["precision", "recall", "F", "E", "IoU"]


def test_f_takes_its_beta_from_the_protocol() -> None:
    for rates in (curve_rates(1.0), adaptive_rates(1.0)):
        assert rates["F"](TEN_PIXELS)[0] == pytest.approx(6 / 9, abs=1e-15)


@given(COUNTS)
def test_rates_hang_together(counts: Counts) -> None:
    found = confusions(counts)
    iou, dice = curves.iou(found), curves.dice(found)
    np.testing.assert_allclose(dice, 2 * iou / (1 + iou), rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        curves.balanced_error_rate(found),
        1 - (reference.recall(found) + curves.specificity(found)) / 2,
        rtol=0,
        atol=1e-15,
    )
    background = found.tn + found.fp > 0
    together = curves.specificity(found) + curves.false_positive_rate(found)
    np.testing.assert_allclose(together, background.astype(float), rtol=0, atol=1e-15)
    assert (curves.kappa(found) <= curves.accuracy(found) + 1e-12).all()


@given(COUNTS)
def test_many_images_at_once_give_the_bits_of_each_alone(counts: Counts) -> None:
    passed = counts[:, :, :2].sum(axis=2, dtype=np.int64)
    together, adaptive = confusions(counts), adaptive_confusions(counts, passed)
    for name, rate in curve_rates(0.3, tuple(FAMILIES)).items():
        alone = [rate(confusions(counts[i : i + 1]))[0] for i in range(len(counts))]
        np.testing.assert_array_equal(rate(together), np.stack(alone), err_msg=name)
    for name, rate in adaptive_rates(0.3, tuple(FAMILIES)).items():
        alone = [
            rate(adaptive_confusions(counts[i : i + 1], passed[i : i + 1]))[0] for i in range(len(counts))
        ]
        np.testing.assert_array_equal(rate(adaptive), alone, err_msg=name)


@given(small_pairs())
@settings(max_examples=40)
def test_counts_of_a_pair_are_those_of_comparing_it_with_every_threshold(drawn: Pair) -> None:
    facts = measure_pair(drawn.levels, prepare(drawn.mask, PYSODMETRICS), PYSODMETRICS)
    found = confusions(facts.counts)
    expected = reference.confusion_curve(scale(drawn.levels, "minmax"), drawn.mask)
    for name in ("tp", "fp", "fn", "tn"):
        np.testing.assert_array_equal(getattr(found, name)[0], getattr(expected, name))
