"""From stored pixels to values, and from values to the thresholds they pass."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from jaxtyping import Float64

from sodeval.levels import full_scale, level_bins, level_values, scale, spaced_thresholds, threshold_bins
from sodeval.protocol import PRESETS, PSOD, PYSODMETRICS, Protocol, Scaling

SPANS = st.tuples(st.integers(0, 255), st.integers(0, 255)).map(sorted)
MANY_SPANS = [(low, high) for low in range(0, 255, 5) for high in range(low + 1, 256)]
UNIT = arrays(np.float64, array_shapes(max_dims=2, max_side=20), elements=st.floats(0, 1))


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 255), (np.uint16, 65535), (np.float64, 1)])
def test_white_is_1(dtype: type, white: float) -> None:
    pixels = np.array([0, white], dtype)
    assert full_scale(pixels) == white
    for scaling in get_args(Scaling):
        assert scale(pixels, scaling).tolist() == [0, 1]


def test_a_map_is_stretched_over_its_own_range() -> None:
    pixels = np.array([20, 58, 96, 172], np.uint8)  # 0, 1/4, 1/2 and 1 of the way from 20 to 172
    np.testing.assert_allclose(scale(pixels, "minmax"), [0, 0.25, 0.5, 1], rtol=0, atol=1e-15)
    assert scale(pixels, "none").tolist() == [20 / 255, 58 / 255, 96 / 255, 172 / 255]


@pytest.mark.parametrize("level", [0, 77, 255])
def test_a_constant_map_is_left_as_it_is(level: int) -> None:
    assert scale(np.full((2, 3), level, np.uint8), "minmax").tolist() == [[level / 255] * 3] * 2


@given(UNIT)
def test_a_stretched_map_spans_0_to_1_and_keeps_its_order(values: Float64[np.ndarray, "..."]) -> None:
    stretched = scale(values, "minmax")
    if values.min() == values.max():
        np.testing.assert_array_equal(stretched, values)
        return
    assert (stretched.min(), stretched.max()) == (0, 1)
    order = np.argsort(values, axis=None, kind="stable")
    assert (np.diff(stretched.ravel()[order]) >= 0).all()


@given(SPANS, st.sampled_from(get_args(Scaling)))
def test_the_table_of_a_span_holds_what_its_pixels_would_become(span: list[int], scaling: Scaling) -> None:
    low, high = span
    pixels = np.arange(low, high + 1, dtype=np.uint8)
    np.testing.assert_array_equal(level_values(low, high, scaling)[low : high + 1], scale(pixels, scaling))


@given(SPANS, st.sampled_from(list(PRESETS.values())))
def test_the_bins_of_a_span_are_those_of_its_values(span: list[int], protocol: Protocol) -> None:
    low, high = span
    expected = threshold_bins(scale(np.arange(low, high + 1, dtype=np.uint8), protocol.scaling), protocol)
    np.testing.assert_array_equal(level_bins(low, high, protocol)[low : high + 1], expected)


def test_tables_that_are_shared_cannot_be_written_to() -> None:
    for table in (level_values(3, 9, "minmax"), level_bins(3, 9, PYSODMETRICS)):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 1


def test_levels_are_truncated_in_floating_point_as_the_reference_does() -> None:
    off_by_one = 0
    for low, high in MANY_SPANS:
        pixels = np.arange(low, high + 1)
        stretched = (pixels / 255 - low / 255) / (high / 255 - low / 255)
        levels = 255 - level_bins(low, high, PYSODMETRICS)[low : high + 1]
        np.testing.assert_array_equal(levels, (stretched * 255).astype(np.uint8))
        off_by_one += np.count_nonzero(levels != (pixels - low) * 255 // (high - low))
    assert off_by_one > 1000  # exact arithmetic would not do


def test_truncated_levels_pass_the_thresholds_up_to_themselves() -> None:
    values = np.array([1, 0.9999, 0.5, 1 / 255, 0.0039, 0])
    # levels 255, 254, 127, 1, 0, 0; bins count down from 255
    assert threshold_bins(values, PYSODMETRICS).tolist() == [0, 1, 128, 254, 255, 255]
    # with > a level no longer passes the threshold that it equals
    assert threshold_bins(values, Protocol(comparison=">")).tolist() == [1, 2, 129, 255, 256, 256]


def test_spaced_thresholds_start_at_0_and_end_just_under_1() -> None:
    thresholds = spaced_thresholds(255)
    assert len(thresholds) == 255
    assert (thresholds[0], thresholds[-1]) == (0, 1 - 1e-10)
    np.testing.assert_allclose(np.diff(thresholds), 1 / 254, rtol=0, atol=1e-12)
    # A pixel of 1 passes them all; one of 0 passes the lowest alone, and none with >.
    assert threshold_bins(np.array([1.0, 0.0]), PSOD).tolist() == [0, 254]
    assert threshold_bins(np.array([1.0, 0.0]), PSOD.but(comparison=">")).tolist() == [0, 255]


@given(UNIT, st.integers(2, 300), st.sampled_from([">", ">="]))
def test_a_bin_says_how_many_thresholds_a_value_passes(
    values: Float64[np.ndarray, "..."], count: int, comparison: str
) -> None:
    protocol = Protocol(thresholds=count, quantisation="none", comparison=comparison)
    thresholds = spaced_thresholds(count)
    passes = values[..., None] > thresholds if comparison == ">" else values[..., None] >= thresholds
    np.testing.assert_array_equal(threshold_bins(values, protocol), count - passes.sum(axis=-1))
