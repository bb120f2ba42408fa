"""The order of rows: each once an epoch, and the same from any step, on any number of processes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

from torch.utils.data import DataLoader

from bdstr.training.order import Order, shuffled
from bdstr.training.settings import Settings
from bdstr.training.source import Source, open_source


@pytest.fixture(scope="module")
def source(blocks: Path) -> Source:
    return open_source(str(blocks), "train", 2)


@pytest.fixture(scope="module")
def stream(blocks: Path) -> Source:
    return open_source(str(blocks), "train", 2, streaming=True)


def places(order: Order, workers: int = 0) -> list[tuple[int, int, str]]:
    loader = DataLoader(order, order.block, collate_fn=list, num_workers=workers)
    return [(item.number, item.epoch, item.row.key) for batch in loader for item in batch]


def test_each_row_comes_once_an_epoch_and_none_that_is_held_out(source: Source):
    keys = [key for _, _, key in places(Order(source, Settings(), 54, 6))]
    epochs = [keys[:18], keys[18:36], keys[36:]]
    held_out = {source.keys[position] for position in source.held_out}
    assert all(set(epoch) == set(source.keys) - held_out for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]


@pytest.mark.parametrize("first", [0, 6, 18, 42])
def test_from_any_step_on_it_is_the_rest_of_the_whole(source: Source, stream: Source, first: int):
    for rows in (source, stream):
        whole = places(Order(rows, Settings(), 54, 6))
        assert places(Order(rows, Settings(), 54, 6, first)) == whole[first:]


def test_streamed_rows_come_in_the_order_of_stored_ones(source: Source, stream: Source):
    assert places(Order(stream, Settings(), 54, 6)) == places(Order(source, Settings(), 54, 6))
    few = Order(stream, Settings(shuffle_buffer=4), 18, 6)
    assert sorted(key for _, _, key in places(few)) == sorted(key for _, _, key in places(few))
    assert len({key for _, _, key in places(few)}) == 18


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # on a machine of one processor
def test_several_workers_give_the_order_of_none(source: Source, stream: Source):
    for rows in (source, stream):
        order = Order(rows, Settings(), 42, 6, first=6)
        assert places(order, workers=2) == places(order)


@given(count=st.integers(0, 40), buffer=st.integers(1, 50), seed=st.integers(0, 9))
def test_shuffling_loses_and_doubles_nothing(count: int, buffer: int, seed: int):
    assert sorted(shuffled(range(count), buffer, np.random.default_rng(seed))) == list(range(count))
