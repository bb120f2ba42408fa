"""An image in a row of a Parquet file, read as a file is; rows asked for in order stream through memory."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from ..decoding import RejectedError

ROWS_AT_ONCE = 8
"""Rows of one column that are in memory together."""
BUFFER_BYTES = 1 << 20
OPEN_COLUMNS = 8
"""Columns of files that each process holds open: those of images and masks, of a few neighbouring files."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """An image in a table.

    Args:
        file: in Parquet.
        row: its number in the file, from 0.
        leaf: the column that holds bytes, with dots where it lies in a struct.
        name: what the image is called.
    """

    file: Path
    row: int
    leaf: str
    name: str

    @property
    def place(self) -> str:
        """For messages."""
        return place(self.file, self.row)

    def read_bytes(self) -> bytes:
        """The image as it was stored.

        Raises:
            RejectedError: ``empty``: nothing is stored there; ``unreadable``: the file is damaged.
        """
        import pyarrow as pa

        try:
            data = _read(self.file, self.leaf, self.row)
        except (OSError, pa.ArrowException) as error:
            raise RejectedError("unreadable", f"its part of the file is damaged: {error}") from error
        if data is None:
            raise RejectedError(
                "empty", f"no bytes in the column {self.leaf}; expected the image itself, not only its path"
            )
        return data


def place(file: Path, row: int) -> str:
    """How messages name a row.

    Example:
        >>> place(Path("data/train-0.parquet"), 17)
        'train-0.parquet: row 17, counted from 0'
    """
    return f"{file.name}: row {row}, counted from 0"


class _Column:
    """Bytes of one column: the next rows are read on, those before by opening their group again."""

    def __init__(self, file: Path, leaf: str) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(file, buffer_size=BUFFER_BYTES, pre_buffer=False)
        self._leaf = leaf
        footer = self._file.metadata
        sizes = (footer.row_group(group).num_rows for group in range(footer.num_row_groups))
        self._starts = list(accumulate(sizes, initial=0))
        self._values: list[bytes | None] = []
        self._start = self._group = -1
        self._batches: Iterator[Any] = iter(())

    def at(self, row: int) -> bytes | None:
        if row >= self._starts[-1]:
            raise OSError(f"{self._starts[-1]:,} rows are left of it")
        group = bisect_right(self._starts, row) - 1
        if group != self._group or row < self._start:
            self._open(group)
        while row >= self._start + len(self._values):
            self._start += len(self._values)
            self._values = _bytes_of(next(self._batches))
        return self._values[row - self._start]

    def _open(self, group: int) -> None:
        self._group, self._start, self._values = group, self._starts[group], []
        self._batches = self._file.iter_batches(
            ROWS_AT_ONCE, row_groups=[group], columns=[self._leaf], use_threads=False
        )


def _bytes_of(batch: Any) -> list[bytes | None]:
    column = batch.column(0)
    if column.type.num_fields:  # a struct, of which only this leaf was read
        (column,) = column.flatten()
    values: list[bytes | None] = column.to_pylist()
    return values


_open_columns: OrderedDict[tuple[Path, str], _Column] = OrderedDict()
_lock = threading.Lock()  # a column is at one place at a time


def _read(file: Path, leaf: str, row: int) -> bytes | None:
    with _lock:
        column = _open_columns.pop((file, leaf), None) or _Column(file, leaf)
        value = column.at(row)  # where it fails, the column is opened afresh for the next row
        _open_columns[file, leaf] = column
        while len(_open_columns) > OPEN_COLUMNS:
            _open_columns.popitem(last=False)
        return value
