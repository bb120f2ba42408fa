"""Each measure against numbers worked out by hand, and against what must hold for any map and mask."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from jaxtyping import Bool, Float64
from pairs import block, noise

from sodeval.reference import (
    Confusion,
    adaptive_e_measure,
    adaptive_threshold,
    confusion,
    confusion_curve,
    e_measure,
    f_measure,
    gaussian,
    mae,
    object_score,
    precision,
    quadrant_slices,
    recall,
    region_score,
    s_measure,
    ssim,
    weighted_f_measure,
)

Saliency = Float64[np.ndarray, "h w"]
Mask = Bool[np.ndarray, "h w"]

T, F = True, False


def counts(tp: int, fp: int, fn: int, tn: int) -> Confusion:
    return Confusion(*(np.asarray(count) for count in (tp, fp, fn, tn)))


@st.composite
def maps_and_masks(draw: st.DrawFn, min_side: int = 1) -> tuple[Saliency, Mask]:
    shape = draw(array_shapes(min_dims=2, max_dims=2, min_side=min_side, max_side=9))
    return draw(arrays(np.float64, shape, elements=st.floats(0, 1))), draw(arrays(bool, shape))


# --- MAE ------------------------------------------------------------------------------------------


def test_mae_of_four_pixels() -> None:
    saliency = np.array([[1, 0.5], [0.25, 0]])
    gt = np.array([[T, F], [T, F]])
    assert mae(saliency, gt) == (0 + 0.5 + 0.75 + 0) / 4


@given(maps_and_masks())
def test_mae_is_0_to_1_and_does_not_care_which_side_is_salient(pair: tuple[Saliency, Mask]) -> None:
    saliency, gt = pair
    assert 0 <= mae(saliency, gt) <= 1
    assert mae(1 - saliency, ~gt) == pytest.approx(mae(saliency, gt), abs=1e-15)


@given(maps_and_masks(), st.floats(0, 1))
def test_mae_falls_in_proportion_as_a_map_nears_its_mask(pair: tuple[Saliency, Mask], step: float) -> None:
    saliency, gt = pair
    nearer = saliency + step * (gt - saliency)
    assert mae(nearer, gt) == pytest.approx((1 - step) * mae(saliency, gt), abs=1e-15)


# --- counts, precision, recall, F -----------------------------------------------------------------


def test_a_confusion_counts_the_four_kinds_of_pixel() -> None:
    predicted = np.array([[T, T, T, F, F, F, F]])
    gt = np.array([[T, T, F, T, F, F, F]])
    assert confusion(predicted, gt) == counts(tp=2, fp=1, fn=1, tn=3)


def test_a_curve_runs_from_the_highest_truncated_level_down() -> None:
    curve = confusion_curve(np.array([[1, 0.5, 0]]), np.array([[T, F, F]]))
    # 0.5 * 255 = 127.5 becomes level 127, which passes the thresholds 127 to 0: the indices 128 to 255.
    assert curve.tp.tolist() == [1] * 256
    assert curve.fp.tolist() == [0] * 128 + [1] * 127 + [2]
    assert curve.fn.tolist() == [0] * 256
    assert curve.tn.tolist() == [2] * 128 + [1] * 127 + [0]


def test_the_adaptive_threshold_is_twice_the_mean_and_at_most_1() -> None:
    assert adaptive_threshold(np.array([[0.25, 0.5]])) == 0.75
    assert adaptive_threshold(np.array([[0.5, 1]])) == 1
    assert adaptive_threshold(np.array([[0.25, 0.5]]), factor=1.5) == 0.5625


def test_precision_recall_and_f_of_ten_pixels() -> None:
    found = counts(tp=3, fp=1, fn=3, tn=3)
    assert precision(found) == 3 / 4
    assert recall(found) == 3 / 6
    # 1.3 * 3/4 * 1/2 / (0.3 * 3/4 + 1/2) = 0.4875 / 0.725
    assert f_measure(found) == pytest.approx(0.6724137931034483, abs=1e-15)
    # beta^2 = 1: the harmonic mean, 2 tp / (2 tp + fp + fn) = 6 / 10
    assert f_measure(found, beta2=1.0) == pytest.approx(0.6, abs=1e-15)


def test_rates_of_nothing_are_0() -> None:
    assert precision(counts(tp=0, fp=0, fn=2, tn=3)) == 0
    assert recall(counts(tp=0, fp=4, fn=0, tn=1)) == 0
    assert f_measure(counts(tp=0, fp=2, fn=2, tn=1)) == 0


@given(maps_and_masks())
@settings(max_examples=40)
def test_curves_keep_every_pixel_and_recall_never_falls(pair: tuple[Saliency, Mask]) -> None:
    saliency, gt = pair
    curve = confusion_curve(saliency, gt)
    assert (curve.tp + curve.fp + curve.fn + curve.tn == gt.size).all()
    assert (curve.tp + curve.fn == gt.sum()).all()
    assert (np.diff(curve.tp) >= 0).all()
    assert (np.diff(curve.fp) >= 0).all()
    assert (np.diff(recall(curve)) >= 0).all()
    assert (curve.tp[-1], curve.fp[-1]) == (gt.sum(), gt.size - gt.sum())


@given(maps_and_masks(), st.floats(0.01, 100))
@settings(max_examples=40)
def test_f_lies_between_precision_and_recall(pair: tuple[Saliency, Mask], beta2: float) -> None:
    curve = confusion_curve(*pair)
    p, r, f = precision(curve), recall(curve), f_measure(curve, beta2)
    assert (f >= np.minimum(p, r) - 1e-12).all()
    assert (f <= np.maximum(p, r) + 1e-12).all()
    assert (p >= 0).all()
    assert (r <= 1).all()


# --- E-measure ------------------------------------------------------------------------------------


def test_e_where_one_of_two_salient_pixels_is_found() -> None:
    # Both means are 1/2, so the alignment is 1 on tp and tn and -1 on fp and fn: (1 + 1 + 0 + 0) / (4 - 1).
    assert e_measure(counts(tp=1, fp=1, fn=1, tn=1)) == pytest.approx(2 / 3, abs=1e-12)


def test_e_where_too_much_is_found() -> None:
    # Means: map 1/2, mask 1/4. Alignment 2ab / (a^2 + b^2), then (alignment + 1)^2 / 4:
    #   tp: a = 1/2,  b = 3/4:  0.75 / 0.8125 = 12/13;  (25/13)^2 / 4 = 0.924556...
    #   fp: a = 1/2,  b = -1/4: -0.25 / 0.3125 = -0.8;  0.2^2 / 4 = 0.01
    #   tn: a = -1/2, b = -1/4: 0.25 / 0.3125 = 0.8;    1.8^2 / 4 = 0.81, twice
    expected = ((25 / 13) ** 2 / 4 + 0.01 + 2 * 0.81) / 3
    assert e_measure(counts(tp=1, fp=1, fn=0, tn=2)) == pytest.approx(expected, abs=1e-12)


def test_e_of_a_perfect_map_is_a_little_over_1() -> None:
    assert e_measure(counts(tp=2, fp=0, fn=0, tn=3)) == pytest.approx(5 / 4, abs=1e-12)


def test_e_with_an_empty_or_full_mask_counts_what_is_left_alone_or_found() -> None:
    assert e_measure(counts(tp=0, fp=3, fn=0, tn=2)) == 2 / 4
    assert e_measure(counts(tp=3, fp=0, fn=2, tn=0)) == 3 / 4


@given(maps_and_masks(min_side=2).filter(lambda pair: 0 < pair[1].sum() < pair[1].size))
def test_e_where_everything_is_predicted_is_a_quarter(pair: tuple[Saliency, Mask]) -> None:
    # The map equals its mean, so that nothing aligns: 1/4 a pixel.
    _, gt = pair
    everywhere = confusion(np.ones(gt.shape, bool), gt)
    assert e_measure(everywhere) == pytest.approx(gt.size / 4 / (gt.size - 1), abs=1e-12)


@given(st.lists(st.tuples(*[st.integers(0, 500)] * 4).filter(lambda four: sum(four) > 1), min_size=1))
def test_adaptive_e_is_e_to_the_last_digit_but_one(found: list[tuple[int, int, int, int]]) -> None:
    every = Confusion(*np.array(found).T)
    np.testing.assert_allclose(adaptive_e_measure(every), e_measure(every), rtol=1e-14, atol=0)


# --- S-measure ------------------------------------------------------------------------------------


def test_s_of_an_empty_or_full_mask_is_how_dark_or_bright_the_map_is() -> None:
    saliency = np.array([[0.2, 0.4]])
    assert s_measure(saliency, np.array([[F, F]])) == pytest.approx(0.7)
    assert s_measure(saliency, np.array([[T, T]])) == pytest.approx(0.3)


def test_the_object_score_of_four_pixels() -> None:
    # Object: mean 0.5, deviation sqrt((0.09 + 0 + 0.09) / 2) = 0.3: 1 / (0.25 + 1 + 0.3) = 0.645161...
    # Background, inverted: a single 0.8 has no deviation: 1.6 / (0.64 + 1) = 0.975609...
    saliency, gt = np.array([[0.2, 0.5], [0.8, 0.2]]), np.array([[T, T], [T, F]])
    expected = 0.75 * (1 / 1.55) + 0.25 * (1.6 / 1.64)
    assert object_score(saliency, gt) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("saliency", "expected"),
    [
        # Both means 1/2; deviations of the mask -+-+ halves, variance 1/3.
        ([[0, 1], [0, 1]], 1),  # the mask itself
        ([[0, 0], [1, 1]], 0),  # covariance 0
        ([[1, 0], [1, 0]], -1),  # its opposite: covariance -1/3, 4 (1/4) (-1/3) / (1/2 * 2/3)
        # variance 1/6, covariance (1/4 + 1/4) / 3 = 1/6: 4 (1/4) (1/6) / (1/2 (1/6 + 1/3))
        ([[0.5, 1], [0, 0.5]], 2 / 3),
        ([[0.5, 0.5], [0.5, 0.5]], 0),  # flat, the mask is not
    ],
)
def test_ssim_of_a_quadrant(saliency: list[list[float]], expected: float) -> None:
    gt = np.array([[F, T], [F, T]])
    assert ssim(np.array(saliency, np.float64), gt) == pytest.approx(expected, abs=1e-12)


def test_ssim_of_two_flat_quadrants_is_1_whatever_their_levels() -> None:
    assert ssim(np.full((2, 2), 0.5), np.zeros((2, 2), bool)) == 1
    assert ssim(np.zeros((2, 2)), np.ones((2, 2), bool)) == 1


def test_s_of_a_flat_map_and_a_single_salient_pixel() -> None:
    gt, flat = block((4, 4), 1, 1, 2, 2), np.full((4, 4), 0.5)
    # The cut comes after row 1 and column 1; left top is flat against a pixel: 0; the others are flat: 1.
    assert region_score(flat, gt) == pytest.approx(3 / 4, abs=1e-12)
    # Object and background are even with mean 1/2: 1 / (1/4 + 1) = 0.8
    assert s_measure(flat, gt) == pytest.approx(0.5 * 0.8 + 0.5 * 0.75, abs=1e-12)
    assert s_measure(flat, gt, alpha=0.25) == pytest.approx(0.25 * 0.8 + 0.75 * 0.75, abs=1e-12)


def test_quadrants_weigh_by_their_area() -> None:
    gt, flat = block((4, 6), 0, 1, 1, 2), np.full((4, 6), 0.5)
    # Cut after row 0 and column 1: left top is 2 of 24 pixels and scores 0, the rest is flat and scores 1.
    assert region_score(flat, gt) == pytest.approx(22 / 24, abs=1e-12)


def test_the_centroid_is_rounded_half_to_even() -> None:
    # Rows 1 and 2 have the centroid 1.5, which becomes 2: the cut comes after row 2. Rows 0 and 1: 0.5, 0.
    for rows, cut in (((1, 3), 3), ((0, 2), 1)):
        gt = block((5, 4), rows[0], 0, rows[1], 1)
        quadrants = quadrant_slices(cut, 1)
        assert region_score(noise(gt.shape) / 255, gt) == pytest.approx(
            sum(ssim(noise(gt.shape)[q] / 255, gt[q]) * gt[q].size / gt.size for q in quadrants)
        )


def test_s_is_never_negative() -> None:
    gt = block((6, 6), 1, 1, 4, 4)
    assert region_score(1.0 - gt, gt) < 0
    assert s_measure(1.0 - gt, gt) == 0


@pytest.mark.parametrize("gt", [block((5, 5), 4, 1, 5, 3), block((5, 5), 1, 4, 4, 5)])
def test_s_is_nan_where_the_centroid_lies_in_the_last_row_or_column(gt: Mask) -> None:
    assert np.isnan(s_measure(noise((5, 5)) / 255, gt))


@given(maps_and_masks())
def test_s_is_0_to_1_or_nan(pair: tuple[Saliency, Mask]) -> None:
    s = s_measure(*pair)
    assert np.isnan(s) or 0 <= s <= 1 + 1e-12


# --- weighted F-measure ---------------------------------------------------------------------------


def test_weighted_f_of_two_pixels_without_smoothing() -> None:
    # Errors 0.4 and 0.2; the background lies 1 px away and weighs 2 - 0.5 ** 0.2 = 1.129449...
    # Recall 1 - 0.4 = 0.6; precision 0.6 / (0.6 + 0.2 * 1.129449...) = 0.726489...
    saliency, gt = np.array([[0.6, 0.2]]), np.array([[T, F]])
    p = 0.6 / (0.6 + 0.2 * (2 - 0.5**0.2))
    assert weighted_f_measure(saliency, gt, kernel_px=1) == pytest.approx(2 * 0.6 * p / (0.6 + p), abs=1e-12)
    # beta^2 = 0.3: (1.3 * R * P) / (R + 0.3 * P)
    expected = 1.3 * 0.6 * p / (0.6 + 0.3 * p)
    assert weighted_f_measure(saliency, gt, beta2=0.3, kernel_px=1) == pytest.approx(expected, abs=1e-12)


def test_weighted_f_spreads_the_error_of_the_object() -> None:
    # A 3 x 3 mean: beside the object the error is the object's 0.6, above and below it is padding of 0.
    # (3 * 0.6) / 9 = 0.2 is less than 0.6, so that recall is 0.8 and, with no error beside, precision 1.
    saliency, gt = np.array([[0, 0.4, 0]]), np.array([[F, T, F]])
    assert weighted_f_measure(saliency, gt, kernel_px=3, sigma_px=1e6) == pytest.approx(
        2 * 0.8 / 1.8, abs=1e-9
    )


def test_weighted_f_of_an_empty_mask_is_0() -> None:
    assert weighted_f_measure(np.zeros((3, 3)), np.zeros((3, 3), bool)) == 0


def test_the_gaussian_is_that_of_matlab() -> None:
    # fspecial('gaussian', 3, 0.5) as MATLAB prints it
    expected = [[0.0113, 0.0838, 0.0113], [0.0838, 0.6193, 0.0838], [0.0113, 0.0838, 0.0113]]
    np.testing.assert_allclose(gaussian(3, 0.5), expected, atol=5e-5)
    assert gaussian(7, 5.0).shape == (7, 7)
    assert gaussian(7, 5.0).sum() == pytest.approx(1, abs=1e-15)


@given(maps_and_masks(), st.floats(0, 1))
def test_weighted_f_never_falls_as_a_map_nears_its_mask(pair: tuple[Saliency, Mask], step: float) -> None:
    saliency, gt = pair
    nearer = saliency + step * (gt - saliency)
    before, after = weighted_f_measure(saliency, gt), weighted_f_measure(nearer, gt)
    assert 0 <= before <= after + 1e-9
    assert after <= 1 + 1e-12


# --- the perfect map ------------------------------------------------------------------------------


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)).filter(np.any))
@settings(max_examples=40)
def test_a_perfect_map_is_perfect_by_every_measure(gt: Mask) -> None:
    saliency = gt.astype(np.float64)
    assert mae(saliency, gt) == 0
    assert (f_measure(confusion_curve(saliency, gt))[:-1] == 1).all()
    assert weighted_f_measure(saliency, gt) == pytest.approx(1, abs=1e-12)
    s = s_measure(saliency, gt)
    assert np.isnan(s) or s == pytest.approx(1, abs=1e-6)
