"""Run lengths that came from outside are refused by our own check; C code never sees them."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco
from training_scenes import row

from bdstr import rle
from bdstr.errors import DatasetError, RowError
from bdstr.masks import known
from bdstr.training.example import Row, read_example

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
MASK = np.pad(np.ones((3, 4), bool), 2)
GOOD = rle.encode(MASK)


def malformed(counts: Any = GOOD["counts"], size: Any = GOOD["size"]) -> dict[str, Any]:
    return {"size": size, "counts": counts}


NAMED = {
    "negative": malformed("2M5O"),
    "too long": malformed("o" * 100_000),
    "sum too large": malformed(GOOD["counts"] + "1"),
    "sum too small": malformed(GOOD["counts"][:-1]),
    "size swapped with a side too many": malformed(size=[*GOOD["size"], 1]),
    "size negative": malformed(size=[-7, -8]),
    "size that no memory holds": malformed("PPPPPPP1", size=[2**31 - 1, 2**31 - 1]),
    "not ASCII": malformed("2é"),
    "bytes": malformed(GOOD["counts"].encode()),
    "not compressed": malformed([2, 2, 2]),
    "nested": malformed([[2, 2], [2]]),
    "size of text": malformed(size="78"),
    "no size": {"counts": "22"},
}


@pytest.fixture(autouse=True)
def no_c_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("pycocotools was asked to decode")

    for name in ("decode", "area", "toBbox", "merge", "iou"):
        monkeypatch.setattr(coco, name, fail)


@pytest.mark.parametrize("name", NAMED)
def test_what_is_malformed_is_refused_wherever_a_row_is_read(name: str) -> None:
    tracemalloc.start()
    with pytest.raises(RowError):
        rle.decode(NAMED[name])  # type: ignore[arg-type]
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()
    with pytest.raises(RowError):
        known({"mask": MASK, "uncertain": NAMED[name]})
    made = row(0)
    with pytest.raises(DatasetError, match=r"^key: "):
        read_example(Row("key", made["image"]["bytes"], made["mask"]["bytes"], NAMED[name]))


@given(VALUES, VALUES)
def test_values_of_any_kind_are_decoded_to_their_size_or_refused(size: Any, counts: Any) -> None:
    try:
        mask = rle.decode({"size": size, "counts": counts})
    except RowError:
        return
    assert list(mask.shape) == list(size)


@given(st.text(st.characters(min_codepoint=48, max_codepoint=111), max_size=12), st.integers(0, 9))
def test_digits_of_any_kind_fill_the_mask_or_are_refused(counts: str, cut: int) -> None:
    try:
        doubtful = ~known({"mask": MASK, "uncertain": malformed(GOOD["counts"][:cut] + counts)})
    except RowError:
        return
    assert doubtful.shape == MASK.shape


@given(VALUES)
def test_what_a_row_holds_in_the_place_of_a_mask_is_known_or_refused(uncertain: Any) -> None:
    with suppress(RowError):
        assert known({"mask": MASK, "uncertain": uncertain}).shape == MASK.shape
