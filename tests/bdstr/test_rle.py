"""Run lengths: equal to COCO's own, and never a crash on what is malformed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco

from bdstr import rle
from bdstr.errors import RowError

MASKS = arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(MASKS)
def test_a_mask_comes_back_as_it_was(mask: np.ndarray) -> None:
    assert np.array_equal(rle.decode(rle.encode(mask)), mask)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@given(MASKS)
def test_coco_reads_what_is_written_and_sees_the_same(mask: np.ndarray) -> None:
    written = rle.encode(mask)
    assert np.array_equal(coco.decode({**written, "counts": written["counts"].encode()}), mask)


@pytest.mark.parametrize("size", [(1, 70_000), (70_000, 1), (300, 400)])
def test_long_runs_come_back(size: tuple[int, int]) -> None:
    mask = np.zeros(size, bool)
    mask.flat[size[0] * size[1] // 3 :: 7919] = True
    assert np.array_equal(rle.decode(rle.encode(mask)), mask)


@given(st.text(max_size=30), st.lists(st.integers(-2, 9), max_size=3))
def test_whatever_a_row_holds_is_decoded_to_its_size_or_refused(counts: str, size: list[int]) -> None:
    try:
        mask = rle.decode({"size": size, "counts": counts})
    except RowError:
        return
    assert list(mask.shape) == size


@pytest.mark.parametrize(
    ("size", "counts", "message"),
    [
        ([2, 2], "21", r"run lengths of 3 pixels"),
        ([2, 2], "2?", r"that end in the middle of a number|pixels"),
        ([2, 2], "2é", r"the character 'é'"),
        ([2, 2], "2P", r"in the middle of a number"),
        ([0, 2], "", r"size \[0, 2\]; expected a height and a width"),
        ([2], "2", r"size \[2\]"),
        ([1_000, 1_000], "11", r"run lengths of 2 pixels"),
        ([1_000_000, 1_000_000], "11", r"expected at most 100,000,000 in all"),
        ([2, 2], "P" * 100_000, r"a number of more than 7 digits"),
    ],
)
def test_what_is_malformed_is_refused_by_what_is_wrong(size: list[int], counts: str, message: str) -> None:
    with pytest.raises(RowError, match=message):
        rle.decode({"size": size, "counts": counts})
