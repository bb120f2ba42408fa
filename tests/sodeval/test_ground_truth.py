"""What a mask is to the measures, and what is worked out from it once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from jaxtyping import Bool
from pairs import block, disc, noise

from sodeval.ground_truth import binarise, prepare, weight_of_squares
from sodeval.protocol import PSOD, PYSODMETRICS, Protocol
from sodeval.reference import quadrant_slices

Mask = Bool[np.ndarray, "h w"]

LEVELS = np.array([[0, 1, 127, 128, 129, 255]], np.uint8)


@pytest.mark.parametrize(
    ("protocol", "salient"),
    [
        (PYSODMETRICS, [129, 255]),
        (Protocol(gt_comparison=">="), [128, 129, 255]),
        (Protocol(gt_threshold=127.5), [128, 129, 255]),
        (Protocol(gt_threshold=0), [1, 127, 128, 129, 255]),
        (Protocol(gt_threshold=0, gt_comparison=">="), [0, 1, 127, 128, 129, 255]),
        (Protocol(gt_threshold=255), []),
    ],
)
def test_what_is_salient_is_up_to_the_protocol(protocol: Protocol, salient: list[int]) -> None:
    assert LEVELS[binarise(LEVELS, protocol)].tolist() == salient


def test_a_stretched_mask_is_halved_over_its_own_range() -> None:
    # 20, 60, 61 and 100 become 0, 127.5, 130.7 and 255.
    dim = np.array([[20, 60, 61, 100]], np.uint8)
    assert binarise(dim, PSOD).tolist() == [[False, True, True, True]]
    assert binarise(dim, PYSODMETRICS).tolist() == [[False] * 4]
    assert binarise(np.array([[0, 1]], np.uint8), PSOD).tolist() == [[False, True]]


def test_a_constant_mask_is_not_stretched() -> None:
    assert binarise(np.full((1, 2), 200, np.uint8), PSOD).tolist() == [[True, True]]
    assert binarise(np.full((1, 2), 100, np.uint8), PSOD).tolist() == [[False, False]]


def test_16_bit_and_float_masks_are_thresholded_on_the_scale_of_8_bits() -> None:
    # 128 of 255 is 32896 of 65535, and background as 128 is.
    assert binarise(np.array([[0, 32896, 32897, 65535]], np.uint16), PYSODMETRICS).tolist() == [
        [False, False, True, True]
    ]
    assert binarise(np.array([[0.0, 0.5, 0.51, 1.0]]), PYSODMETRICS).tolist() == [[False, False, True, True]]
    assert binarise(np.array([[0.49, 0.5]]), Protocol(gt_threshold=127.5, gt_comparison=">=")).tolist() == [
        [False, True]
    ]


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=12)))
def test_the_same_mask_in_16_bits_is_the_same_mask(levels: np.ndarray) -> None:
    wide = levels.astype(np.uint16) * np.uint16(257)
    np.testing.assert_array_equal(binarise(levels, PYSODMETRICS), binarise(wide, PYSODMETRICS))
    np.testing.assert_array_equal(binarise(levels, PSOD), binarise(wide, PSOD))


def test_a_block_is_measured() -> None:
    gt = prepare(block((20, 30), 2, 5, 6, 10), PYSODMETRICS)
    assert (gt.shape, gt.size_px, gt.area_px) == ((20, 30), 600, 20)
    assert gt.box == (2, 5, 6, 10)
    # Centroid 3.5 and 7: 3.5 is rounded to the even 4, and the cut comes after it.
    assert (gt.cut_y, gt.cut_x) == (5, 8)


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=15)).filter(np.any))
def test_box_and_cut_are_those_of_the_salient_pixels(mask: Mask) -> None:
    gt = prepare(mask, PYSODMETRICS)
    salient = np.argwhere(mask)
    assert gt.area_px == len(salient)
    assert gt.box == (*salient.min(axis=0), *(salient.max(axis=0) + 1))
    assert (gt.cut_y, gt.cut_x) == tuple(salient.mean(axis=0).round().astype(int) + 1)
    quadrants = quadrant_slices(gt.cut_y, gt.cut_x)
    assert sum(mask[quadrant].size for quadrant in quadrants) == mask.size


def test_an_empty_mask_has_no_distances() -> None:
    gt = prepare(np.zeros((3, 4), bool), PYSODMETRICS)
    assert gt.area_px == 0
    assert gt.field is None


def test_a_view_of_a_mask_is_prepared_like_its_copy() -> None:
    mask = disc((40, 60), 20, 30, 14)
    for view in (mask.T, mask[::2, ::3], mask[:, ::-1]):
        ours, copied = prepare(view, PYSODMETRICS), prepare(view.copy(), PYSODMETRICS)
        np.testing.assert_array_equal(ours.marks, copied.marks)
        assert (ours.area_px, ours.box, ours.cut_y, ours.cut_x) == (
            copied.area_px,
            copied.box,
            copied.cut_y,
            copied.cut_x,
        )
        assert ours.field is not None
        assert copied.field is not None
        np.testing.assert_array_equal(ours.field.square, copied.field.square)


def test_preparing_leaves_the_mask_alone() -> None:
    mask = noise((30, 20)) > 200
    before = mask.copy()
    mask.flags.writeable = False
    prepare(mask, PYSODMETRICS)
    np.testing.assert_array_equal(mask, before)


def test_the_background_weighs_more_the_farther_it_lies() -> None:
    weight = weight_of_squares()
    assert weight[0] == 0  # the object itself is counted apart
    assert weight[25] == pytest.approx(1.5, abs=1e-15)  # 2 - 0.5 ** (5 / 5)
    assert weight[100] == pytest.approx(1.75, abs=1e-15)  # 2 - 0.5 ** (10 / 5)
    assert (np.diff(weight[1:]) >= 0).all()
    assert 2 - weight[240**2] < 4e-15
