"""The compiled kernels do what their numpy twins do, on any input that fits, and refuse what does not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from jaxtyping import Bool
from pairs import Pair, disc, hostile_pairs, noise, small_pairs

from sodeval import numpy_kernels
from sodeval.ground_truth import MAX_WEIGHTED_DISTANCE_PX, GroundTruth, prepare, weight_of_squares
from sodeval.joint import measure
from sodeval.levels import level_bins, level_values
from sodeval.protocol import PYSODMETRICS, Protocol
from sodeval.reference import gaussian_taps

compiled: Any = pytest.importorskip("sodeval._kernels", reason="no C kernel was compiled")

Mask = Bool[np.ndarray, "h w"]
SIDES_PX = [*range(1, 33, 2)]


def _large_masks() -> Iterator[Mask]:
    """Sizes around the widths that the kernels take at once, and distances beyond the longest."""
    sides = (1, 2, 7, 8, 9, 31, 32, 33, 65)
    for seed, shape in enumerate([*product((1, 3, 40), sides), (300, 1), (2, 700), (260, 330), (1, 5000)]):
        yield np.random.default_rng(seed).random(shape) < (0.5, 0.05, 0.003)[seed % 3]
        yield disc(shape, shape[0] / 3, shape[1] / 2, max(shape) / 4)


LARGE_MASKS = list(_large_masks())


def fill_distances(module: Any, mask: Mask, reach: int, room: int | None = None) -> tuple[Any, ...]:
    """Squared distances, and what is listed as near, sorted."""
    room = mask.size if room is None else room
    square, near_at, near_from = (
        np.empty(mask.shape, np.uint16),
        np.empty(room, np.int32),
        np.empty(room, np.int32),
    )
    marks = mask.view(np.uint8)
    found = module.distance_field(
        marks, *mask.shape, MAX_WEIGHTED_DISTANCE_PX, reach, square, near_at, near_from
    )
    order = np.argsort(near_at[:found])
    return square, found, near_at[:found][order], near_from[:found][order]


def sum_errors(module: Any, pair: Pair, gt: GroundTruth, side_px: int, bottom: int, top: int) -> Any:
    assert gt.field
    return module.weighted_errors(
        pair.levels.clip(bottom, top),
        gt.marks,
        *gt.shape,
        bottom,
        top,
        1 / (top - bottom),
        gt.field.square,
        weight_of_squares(),
        gt.field.near_at,
        gt.field.near_from,
        gt.box,
        gaussian_taps(side_px, 5.0),
    )


def count_jointly(module: Any, pair: Pair, gt: GroundTruth) -> tuple[Any, tuple[int, int]]:
    histogram = np.empty((4, 2, 256), np.uint32)
    span = module.joint_histogram(pair.levels, gt.marks, *gt.shape, gt.cut_y, gt.cut_x, histogram)
    return histogram, span


def score_levels(module: Any, pair: Pair, protocol: Protocol = PYSODMETRICS) -> tuple[Any, Any]:
    histogram, (low, high) = count_jointly(numpy_kernels, pair, prepare(pair.mask, protocol))
    values, counts = level_values(low, high, "minmax"), np.empty((1, 2, 257), np.uint32)
    bins = level_bins(low, high, protocol)
    return counts, module.level_scores(histogram, values, level_values(low, high, "none"), bins, 2.0, counts)


# --- the same as in numpy -------------------------------------------------------------------------


def assert_same_mask_work(mask: Mask, reach: int) -> None:
    marks = mask.view(np.uint8)
    assert compiled.is_grey(marks) == numpy_kernels.is_grey(marks)
    assert compiled.mask_moments(marks, *mask.shape) == numpy_kernels.mask_moments(marks, *mask.shape)
    if mask.any():
        ours, theirs = (fill_distances(module, mask, reach) for module in (compiled, numpy_kernels))
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other)


@given(drawn=small_pairs(), side_px=st.sampled_from(SIDES_PX))
def test_the_work_on_small_masks_agrees_to_the_bit(drawn: Pair, side_px: int) -> None:
    assert_same_mask_work(drawn.mask, 2 * (side_px // 2) ** 2)


@pytest.mark.parametrize("mask", LARGE_MASKS, ids=lambda mask: f"{mask.shape}, {mask.sum()}")
def test_the_work_on_large_masks_agrees_to_the_bit(mask: Mask) -> None:
    assert_same_mask_work(mask, 18)


@pytest.mark.parametrize("pair", hostile_pairs(), ids=str)
def test_the_work_on_hostile_masks_agrees_to_the_bit(pair: Pair) -> None:
    assert_same_mask_work(pair.mask, 18)


def assert_same_map_work(pair: Pair, side_px: int = 7, bottom: int = 0, top: int = 255) -> None:
    gt = prepare(pair.mask, Protocol(wf_kernel_px=side_px))
    ours, theirs = (count_jointly(module, pair, gt) for module in (compiled, numpy_kernels))
    np.testing.assert_array_equal(ours[0], theirs[0])
    assert ours[1] == theirs[1]
    counts, scores = zip(*(score_levels(module, pair) for module in (compiled, numpy_kernels)), strict=True)
    np.testing.assert_array_equal(*counts)
    mine, other = (numpy_kernels.LevelScores(*score) for score in scores)
    np.testing.assert_allclose(
        [mine.mae, mine.mean, mine.objects, *mine.regions],
        [other.mae, other.mean, other.objects, *other.regions],
        rtol=0,
        atol=1e-14,
    )
    assert (mine.flat, mine.tied) == (other.flat, other.tied)
    assert mine.tied or mine.passed == other.passed
    if gt.field:
        sums = [sum_errors(module, pair, gt, side_px, bottom, top) for module in (compiled, numpy_kernels)]
        np.testing.assert_allclose(*sums, rtol=1e-12, atol=1e-12)


@given(drawn=small_pairs(), side_px=st.sampled_from(SIDES_PX), data=st.data())
def test_the_work_on_small_maps_agrees(drawn: Pair, side_px: int, data: st.DataObject) -> None:
    bottom = data.draw(st.integers(0, 254))
    assert_same_map_work(drawn, side_px, bottom, data.draw(st.integers(bottom + 1, 255)))


@pytest.mark.parametrize("mask", LARGE_MASKS, ids=lambda mask: f"{mask.shape}, {mask.sum()}")
def test_the_work_on_large_maps_agrees(mask: Mask) -> None:
    assert_same_map_work(Pair("noise", noise(mask.shape, mask.shape[1]), mask))


@pytest.mark.parametrize("pair", hostile_pairs(), ids=str)
def test_the_work_on_hostile_maps_agrees(pair: Pair) -> None:
    assert_same_map_work(pair)


@given(packed=arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=9)), spare=st.integers(0, 7))
def test_bits_are_expanded_the_same(packed: np.ndarray, spare: int) -> None:
    height, width = packed.shape[0], 8 * packed.shape[1] - spare
    ours, theirs = np.empty((2, height, width), np.uint8)
    compiled.expand_bits(packed, height, width, ours)
    numpy_kernels.expand_bits(packed, height, width, theirs)
    np.testing.assert_array_equal(ours, theirs)


@given(data=st.data(), top=st.sampled_from([0, 1, 2, 254, 255]))
def test_grey_is_found_wherever_it_is(data: st.DataObject, top: int) -> None:
    levels = np.array([data.draw(st.lists(st.sampled_from([0, top]), min_size=1, max_size=70))], np.uint8)
    assert compiled.is_grey(levels) is numpy_kernels.is_grey(levels) is False
    levels[0, data.draw(st.integers(0, levels.size - 1))] = data.draw(st.integers(0, 255))
    assert compiled.is_grey(levels) == numpy_kernels.is_grey(levels)


@given(data=st.data(), thresholds=st.sampled_from([2, 3, 8, 13]), most=st.sampled_from([1, 3, 10**6]))
def test_the_curves_agree_to_the_bit(data: st.DataObject, thresholds: int, most: int) -> None:
    shape = (data.draw(st.integers(1, 3)), 2, thresholds + 1)
    counts = data.draw(arrays(np.uint32, shape, elements=st.integers(0, most)))
    counts[~counts.any(axis=(1, 2)), data.draw(st.integers(0, 1)), -1] = 1  # no image is without pixels
    curves = np.empty((2, 4, shape[0], thresholds))
    for module, filled in zip((compiled, numpy_kernels), curves, strict=True):
        module.trace_curves(counts, shape[0], thresholds, 0.3, filled)
    assert curves[0].tobytes() == curves[1].tobytes()


# --- at any time ----------------------------------------------------------------------------------


def test_more_near_pixels_than_there_is_room_for_are_counted_all_the_same() -> None:
    mask = disc((60, 70), 30, 30, 15)
    _, found, near_at, _ = fill_distances(compiled, mask, 18)
    listed = np.full((2, 6), -1, np.int32)
    room = compiled.distance_field(
        mask.view(np.uint8),
        *mask.shape,
        240,
        18,
        np.empty(mask.shape, np.uint16),
        listed[0, :5],
        listed[1, :5],
    )
    assert room == found
    assert set(listed[0, :5]) <= set(near_at)
    assert listed[0, 5] == listed[1, 5] == -1


def test_an_outline_of_unusual_length_is_listed_in_full() -> None:
    mask = np.indices((90, 120)).sum(axis=0) % 3 == 0
    field = prepare(mask, PYSODMETRICS).field
    assert field
    assert len(field.near_at) == len(field.near_from) == np.sum(~mask)


def test_threads_get_the_same_bits() -> None:
    pairs = [Pair("noise", noise((80, 120), seed), disc((80, 120), 40, 50, 20 + seed)) for seed in range(8)]

    def bits(pair: Pair) -> bytes:
        facts = measure(pair.levels, prepare(pair.mask, PYSODMETRICS), PYSODMETRICS)
        return b"".join(
            array.tobytes() for array in (facts.counts, facts.adaptive, facts.mae, facts.s, facts.wf)
        )

    alone = [bits(pair) for pair in pairs]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(bits, pairs * 4)) == alone * 4


# --- refused --------------------------------------------------------------------------------------

MARKS = np.zeros((4, 6), np.uint8)
SQUARE = np.zeros((4, 6), np.uint16)
INDICES = np.zeros(8, np.int32)
HISTOGRAM = np.zeros((4, 2, 256), np.uint32)
VALUES, BINS, COUNTS = np.zeros(256), np.zeros(256, np.int64), np.zeros((1, 2, 257), np.uint32)

FITTING: dict[str, tuple[Any, ...]] = {
    "expand_bits": (np.zeros((4, 2), np.uint8), 4, 10, np.zeros((4, 10), np.uint8)),
    "mask_moments": (MARKS, 4, 6),
    "distance_field": (MARKS, 4, 6, 240, 18, SQUARE, INDICES, INDICES.copy()),
    "joint_histogram": (MARKS, MARKS, 4, 6, 2, 3, HISTOGRAM),
    "level_scores": (HISTOGRAM + 1, VALUES, VALUES, BINS, 2.0, COUNTS),
    "weighted_errors": (
        *(MARKS, MARKS, 4, 6, 0, 255, 1 / 255, SQUARE, np.zeros(65536), INDICES, INDICES),
        *((0, 0, 4, 6), np.ones(4)),
    ),
    "trace_curves": (np.ones((3, 2, 6), np.uint32), 3, 5, 0.3, np.zeros((4, 3, 5))),
}
WRONG = {
    "expand_bits": {0: np.zeros((4, 1), np.uint8), 1: 5, 2: 17, 3: np.zeros((4, 9), np.uint8)},
    "mask_moments": {0: MARKS[:3], 1: 5, 2: 0},
    "distance_field": {
        **{0: MARKS[:3], 1: -4, 2: 2**40, 3: 256, 4: 240**2, 5: SQUARE[:3], 7: INDICES[:7].copy()},
    },
    "joint_histogram": {0: MARKS[:3], 1: MARKS[:2], 2: 5, 4: 5, 5: -1, 6: HISTOGRAM[:3]},
    "level_scores": {0: HISTOGRAM[1:], 1: VALUES[1:], 2: VALUES[1:], 3: BINS + 257, 5: COUNTS[:, :, :0]},
    "weighted_errors": {
        **{0: MARKS[:3], 1: MARKS[:2], 2: 3, 7: SQUARE[:3], 8: np.zeros(57601), 10: INDICES[:3]},
        **{11: (0, 0, 5, 6), 12: np.ones(0)},
    },
    "trace_curves": {0: np.ones((3, 2, 5), np.uint32), 1: 2, 2: 0, 4: np.zeros((3, 3, 5))},
}


@pytest.mark.parametrize("name", FITTING)
def test_what_fits_is_taken(name: str) -> None:
    getattr(compiled, name)(*FITTING[name])


@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name, wrong in WRONG.items() for place in wrong], ids=str
)
def test_what_does_not_fit_is_refused(name: str, place: int) -> None:
    arguments = list(FITTING[name])
    arguments[place] = WRONG[name][place]
    with pytest.raises(ValueError, match=r"expected|outside|out of range"):
        getattr(compiled, name)(*arguments)


REFUSALS = (ValueError, TypeError, OverflowError, BufferError, DeprecationWarning)
anything = st.one_of(
    st.none(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.binary(max_size=64),
    st.tuples(*[st.integers(-9, 9)] * 4),
    st.sampled_from([np.uint8, np.uint16, np.int32, np.uint32, np.int64, np.float64]).flatmap(
        lambda kind: arrays(kind, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=9))
    ),
)


@pytest.mark.parametrize("name", FITTING)
@given(data=st.data())
def test_anything_is_refused_or_taken_and_nothing_crashes(name: str, data: st.DataObject) -> None:
    arguments: list[Any] = [each.copy() if isinstance(each, np.ndarray) else each for each in FITTING[name]]
    places = st.sets(st.integers(0, len(arguments) - 1), min_size=1, max_size=3)
    for place in data.draw(places, label="places"):
        arguments[place] = data.draw(anything, label=f"argument {place}")
    with suppress(*REFUSALS):
        getattr(compiled, name)(*arguments)


def test_indices_that_point_outside_the_image_are_passed_over() -> None:
    arguments = list(FITTING["weighted_errors"])
    expected = compiled.weighted_errors(*arguments)
    arguments[9], arguments[10] = np.array([3, -1, 9**9], np.int32), np.array([-5, 2**30, 3], np.int32)
    assert compiled.weighted_errors(*arguments) == expected
