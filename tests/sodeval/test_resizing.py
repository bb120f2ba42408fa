"""Maps of another size, brought to the mask's as the protocol says."""

from __future__ import annotations

from typing import get_args

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sodeval.errors import ImageError
from sodeval.inputs.resizing import resize_to
from sodeval.protocol import Resize

NOISE = np.random.default_rng(0).integers(0, 256, (13, 17), dtype=np.uint8)
RESIZING = [how for how in get_args(Resize) if how != "refuse"]


@pytest.mark.parametrize("how", get_args(Resize))
def test_a_map_of_the_right_size_is_returned_itself(how: Resize) -> None:
    assert resize_to(NOISE, (13, 17), how) is NOISE


def test_refuse_names_the_file_and_both_sizes() -> None:
    with pytest.raises(ImageError, match=r"maps/a.png: 17 x 13 pixels; its mask has 30 x 20") as caught:
        resize_to(NOISE, (20, 30), "refuse", "maps/a.png")
    assert caught.value.kind == "size"


@pytest.mark.parametrize("shape", [(20, 30), (5, 6), (26, 9)])
def test_8_bit_maps_are_resized_as_opencv_and_pillow_do(shape: tuple[int, int]) -> None:
    opencv = cv2.resize(NOISE, shape[::-1], interpolation=cv2.INTER_LINEAR)
    pillow = np.asarray(Image.fromarray(NOISE).resize(shape[::-1], Image.Resampling.BILINEAR))
    nearest = np.asarray(Image.fromarray(NOISE).resize(shape[::-1], Image.Resampling.NEAREST))
    np.testing.assert_array_equal(resize_to(NOISE, shape, "opencv-linear"), opencv)
    np.testing.assert_array_equal(resize_to(NOISE, shape, "pillow-bilinear"), pillow)
    np.testing.assert_array_equal(resize_to(NOISE, shape, "nearest"), nearest)


def test_linear_interpolation_of_two_pixels_is_worked_by_hand() -> None:
    # Centres of the four new pixels lie at -0.25, 0.25, 0.75 and 1.25 of the old ones.
    for dtype, high in ((np.uint8, 200), (np.uint16, 60_000), (np.float64, 1)):
        expected = np.array([[0, high / 4, high * 3 / 4, high]]).astype(dtype)
        for how in ("opencv-linear", "pillow-bilinear"):
            np.testing.assert_array_equal(resize_to(np.array([[0, high]], dtype), (1, 4), how), expected)


@pytest.mark.parametrize("how", RESIZING)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
def test_the_dtype_stays_and_the_map_is_left_alone(how: Resize, dtype: type) -> None:
    values = (NOISE / 255).astype(dtype) if dtype is np.float64 else NOISE.astype(dtype)
    before = values.copy()
    values.flags.writeable = False
    resized = resize_to(values, (20, 9), how)
    assert resized.dtype == dtype
    assert resized.shape == (20, 9)
    np.testing.assert_array_equal(values, before)


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(RESIZING),
    st.sampled_from([np.uint16, np.float64]),
)
def test_a_resized_map_stays_within_the_range_of_its_dtype(h: int, w: int, how: Resize, dtype: type) -> None:
    high = 1 if dtype is np.float64 else 65535
    resized = resize_to((NOISE > 99).astype(dtype) * dtype(high), (h, w), how)
    assert resized.min() >= 0
    assert resized.max() <= high


@pytest.mark.parametrize("how", RESIZING)
def test_a_constant_16_bit_map_stays_constant(how: Resize) -> None:
    resized = resize_to(np.full((7, 5), 40_001, np.uint16), (50, 60), how)
    np.testing.assert_array_equal(resized, np.full((50, 60), 40_001))
