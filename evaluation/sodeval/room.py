"""Room for the pixel counts of many images: in memory, or in a file where they would fill it.

Two kilobytes a map are 270 MB for eight methods on the five large benchmarks, needed once, at the end.
"""

from __future__ import annotations

import math
import mmap
import os
import tempfile
from pathlib import Path

import numpy as np
from jaxtyping import Shaped, UInt32

IN_MEMORY_BYTES = 16 << 20
"""More than this goes into a file."""

Room = UInt32[np.ndarray, "methods images 2 bins"]
Counts = UInt32[np.ndarray, "n 2 bins"]


def room_for(methods: int, images: int, bins: int, folder: Path | None = None) -> Room:
    """An array to be filled, of any content.

    Args:
        methods: how many are scored.
        images: how many each may have.
        bins: of a map's histogram.
        folder: where a file may lie that has no name and goes with the array, however the process ends;
            None is the system's folder for such files. Where it is full, the array is in memory after all.
    """
    shape = (methods, images, 2, bins)
    if math.prod(shape) * np.dtype(np.uint32).itemsize > IN_MEMORY_BYTES and hasattr(os, "posix_fallocate"):
        try:
            return _in_file(shape, folder)
        except OSError:
            pass
    return np.empty(shape, np.uint32)


def _in_file(shape: tuple[int, ...], folder: Path | None) -> Room:
    with tempfile.TemporaryFile(dir=folder) as file:
        # All of it at once: a disk that fills up later would end the process at the next write to the array.
        os.posix_fallocate(file.fileno(), 0, math.prod(shape) * np.dtype(np.uint32).itemsize)
        return np.memmap(file, np.uint32, "r+", shape=shape)


def let_go(counts: Shaped[np.ndarray, "..."]) -> None:
    """Takes what lies in a file out of memory, until it is looked at again; other arrays stay."""
    held = getattr(counts, "_mmap", None)
    if held is not None:
        held.madvise(mmap.MADV_DONTNEED)  # of a shared mapping: nothing that was written is lost


def with_rows(counts: Counts, rows: int) -> UInt32[np.ndarray, "more 2 bins"]:
    """The array itself where it has so many rows, else a larger one that begins with it."""
    if rows <= len(counts):
        return counts
    larger = np.empty((max(rows, 2 * len(counts)), *counts.shape[1:]), np.uint32)
    larger[: len(counts)] = counts
    return larger
