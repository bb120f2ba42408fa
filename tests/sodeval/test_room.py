"""Counts of many images: the same numbers, wherever they lie, and little memory."""

from __future__ import annotations

import errno
import os
import pickle
import tracemalloc
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
from folders import bits_of, write_benchmark

from sodeval import room
from sodeval.evaluation import Options, evaluate_pairings
from sodeval.facts import Facts
from sodeval.outputs.curves_npz import curves_npz
from sodeval.protocol import PYSODMETRICS
from sodeval.room import let_go, room_for, with_rows
from sodeval.tally import Tally

needs_files = pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="counts stay in memory here")


@pytest.fixture
def all_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "IN_MEMORY_BYTES", 0)


def test_few_counts_stay_in_memory() -> None:
    assert type(room_for(2, 3, 257)) is np.ndarray


@needs_files
@pytest.mark.usefixtures("all_in_files")
def test_what_was_let_go_is_there_when_it_is_looked_at(tmp_path: Path) -> None:
    counts = room_for(2, 500, 257, tmp_path)
    assert isinstance(counts, np.memmap)
    counts[...] = np.arange(counts.size).reshape(counts.shape)
    let_go(counts)
    assert np.array_equal(counts.ravel(), np.arange(counts.size))
    assert np.array_equal(pickle.loads(pickle.dumps(counts[1])), counts[1])
    assert not list(tmp_path.iterdir())


@needs_files
@pytest.mark.usefixtures("all_in_files")
def test_where_the_disk_is_full_counts_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert type(room_for(2, 3, 257)) is np.ndarray


def test_room_grows_and_keeps_what_it_holds() -> None:
    counts = np.arange(12, dtype=np.uint32).reshape(2, 2, 3)
    assert with_rows(counts, 2) is counts
    grown = with_rows(counts, 3)
    assert len(grown) >= 3
    assert np.array_equal(grown[:2], counts)


@needs_files
def test_a_report_is_the_same_bytes_wherever_the_counts_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairing = write_benchmark(tmp_path)
    options = Options(cache=tmp_path / "out" / "cache.sqlite")
    in_memory = evaluate_pairings([pairing], options)
    monkeypatch.setattr(room, "IN_MEMORY_BYTES", 0)
    in_files = evaluate_pairings([pairing], options)
    assert isinstance(in_files.results[0].per_image.counts, np.memmap)
    assert bits_of(in_files) == bits_of(in_memory)
    assert curves_npz(in_files) == curves_npz(in_memory)


@needs_files
@pytest.mark.usefixtures("all_in_files")
def test_thousands_of_images_take_a_few_numbers_each() -> None:
    images = 4000
    facts = Facts(
        np.ones((1, 2, 257), np.uint32), np.ones((1, 2), np.int64), *(np.zeros(1) for _ in range(3))
    )
    keys = [str(i) for i in range(images)]
    tracemalloc.start()
    tally = Tally(PYSODMETRICS, room=room_for(1, images, 257)[0])
    tally.add(keys, repeat(facts, images))
    assert tally.per_image().counts is not None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / images < 600  # bytes; the counts of one image alone are 2,056
