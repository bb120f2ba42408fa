"""What is changed about pictures: aligned, and by the seed alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

from bdstr.training.augmentation import Draw, augmented, coloured, draw, draw_side
from bdstr.training.example import Example
from bdstr.training.settings import Settings

SHAPES = st.tuples(st.integers(3, 50), st.integers(3, 50))


@given(shape=SHAPES, key=st.text(max_size=5), epoch=st.integers(0, 9), side=st.sampled_from([16, 33]))
def test_photograph_mask_and_known_pixels_stay_aligned(shape, key, epoch, side):
    rng = np.random.default_rng(abs(hash(shape)) % 1000)
    mask = rng.integers(0, 2, shape, np.uint8) * np.uint8(255)
    known = rng.random(shape) < 0.9
    shown = np.dstack([mask, known.astype(np.uint8) * np.uint8(255), mask])
    made = augmented(Example("k", shown, mask, known), draw(Settings(colour=0.0), epoch, key), side)
    assert made.rgb.shape == (side, side, 3)
    np.testing.assert_array_equal(made.rgb[..., 0], made.mask)
    np.testing.assert_array_equal(made.rgb[..., 1] == 255, made.known)


def test_colours_change_but_not_the_mask():
    rgb, mask = np.full((8, 8, 3), (200, 90, 20), np.uint8), np.full((8, 8), 255, np.uint8)
    made = augmented(Example("k", rgb, mask, mask > 0), draw(Settings(colour=0.5), 0, "k"), 8)
    assert (made.rgb != rgb).any()
    np.testing.assert_array_equal(made.mask, mask)


def test_without_settings_a_picture_is_only_scaled():
    drawn = draw(Settings(flip=False, crop=0.0, colour=0.0), 3, "key")
    assert drawn == Draw()


@given(rgb=st.lists(st.integers(0, 255), min_size=12, max_size=12))
def test_brightness_contrast_and_saturation_one_after_the_other(rgb):
    pixels = np.array(rgb, np.uint8).reshape(2, 2, 3)
    drawn = Draw(brightness=1.1, contrast=0.8, saturation=1.3)
    step = pixels * 1.1
    grey = step @ [0.299, 0.587, 0.114]
    step = grey.mean() + 0.8 * (step - grey.mean())
    grey = (step @ [0.299, 0.587, 0.114])[..., None]
    expected = np.clip(grey + 1.3 * (step - grey), 0, 255)
    assert np.abs(coloured(pixels, drawn) - expected).max() <= 0.51


def test_a_grey_picture_has_no_saturation():
    pixels = np.full((2, 2, 3), 77, np.uint8)
    np.testing.assert_array_equal(coloured(pixels, Draw(saturation=1.9)), pixels)


def test_half_of_the_pictures_are_mirrored_and_each_epoch_others():
    flips = [[draw(Settings(), epoch, f"{n}").flip for n in range(400)] for epoch in (0, 1)]
    assert 160 < sum(flips[0]) < 240
    assert flips[0] != flips[1]
    assert [draw(Settings(), 0, f"{n}").flip for n in range(400)] == flips[0]


def test_at_most_the_share_that_is_set_is_cut():
    boxes = np.array([draw(Settings(crop=0.2), 0, f"{n}").box for n in range(300)])
    assert boxes[:, :2].min() >= 0
    assert 0.15 < boxes[:, :2].max() <= 0.2
    assert 0.8 <= boxes[:, 2:].min() < 0.85


def test_sizes_are_drawn_for_each_batch_or_grow():
    random = Settings(size_px=64, scales=(0.5, 1.0))
    drawn = [draw_side(random, batch, batch / 100) for batch in range(100)]
    assert set(drawn) == {32, 64}
    assert drawn != sorted(drawn)
    growing = Settings(size_px=64, scales=(0.5, 1.0), scale_order="growing")
    assert [draw_side(growing, batch, batch / 10) for batch in range(10)] == [32] * 5 + [64] * 5
