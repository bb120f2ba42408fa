"""The rows of a dataset, stored or streamed, and which of them are held out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import DatasetError
from .columns import as_row, open_dataset, read_keys, streamed_rows, undecoded
from .example import Row, read_example

LOOKED_AT = 32
"""Rows that are decoded before anything is trained."""

Handle = tuple[int, Mapping[str, Any] | None]
"""The position of a row, and the row itself where it is streamed."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The rows of a dataset.

    Args:
        name: of the dataset.
        dataset: of `datasets`, its images not decoded.
        keys: of all rows, by position.
        streaming: whether the dataset can only be passed through.
        held_out: positions that are not learned from.
    """

    name: str
    dataset: Any
    keys: Sequence[str]
    streaming: bool
    held_out: frozenset[int]

    @property
    def learned(self) -> int:
        """Rows that are learned from."""
        return len(self.keys) - len(self.held_out)

    def handles(self) -> Iterator[Handle]:
        """What `row` takes, of each row that is learned from, in the order of the dataset."""
        stream: Iterable[Any] = streamed_rows(self.dataset) if self.streaming else (None for _ in self.keys)
        return (each for each in enumerate(stream) if each[0] not in self.held_out)

    def row(self, handle: Handle) -> Row:
        """The row of a handle.

        Raises:
            DatasetError: its image or mask is not there.
        """
        position, streamed = handle
        return as_row(self.keys[position], self.dataset[position] if streamed is None else streamed)

    def held_out_rows(self) -> tuple[Row, ...]:
        """Those that are only measured on. Of a stream, this passes through all of it."""
        if not self.streaming:
            return tuple(self.row((position, None)) for position in sorted(self.held_out))
        stream = enumerate(streamed_rows(self.dataset))
        return tuple(self.row(each) for each in stream if each[0] in self.held_out)


def open_source(name: str, split: str, held_out: int, streaming: bool = False) -> Source:
    """A dataset to learn from.

    Args:
        name: a folder or a name as for `bdstr.load_dataset`; or whatever else `datasets.load_dataset` takes
            that has the columns ``image`` and ``mask``.
        split: of the dataset.
        held_out: rows that are only measured on, chosen by the hashes of their keys.
        streaming: read while it is trained, without storing it.

    Raises:
        DatasetError: there is no such dataset or split; it has no masks, or only black ones, or a single row;
            or keys are there twice.
    """
    dataset = undecoded(open_dataset(name, split, streaming), name)
    keys = read_keys(dataset, name, split, streaming)
    if len(keys) < 2:
        raise DatasetError(
            f"{name}: {len(keys)} rows; expected two or more: one to learn from, one to measure on"
        )
    source = Source(name, dataset, keys, streaming, choose_held_out(keys, held_out))
    _refuse_unfit(source)
    return source


def choose_held_out(keys: Sequence[str], wanted: int) -> frozenset[int]:
    """The positions of keys with the lowest hashes: the same rows whatever the order or the storage.

    Example:
        >>> choose_held_out(["a", "b", "c"], 500)
        frozenset({0})
    """
    count = min(wanted, max(1, len(keys) // 10))
    ranked = sorted(range(len(keys)), key=lambda position: (_hash(keys[position]), position))
    return frozenset(ranked[:count])


def _hash(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _refuse_unfit(source: Source) -> None:
    """Decodes a few rows: what is wrong with all of a dataset shows before hours were spent on it."""
    salient, wrong = 0, ""
    for handle, _ in zip(_spread(source), range(LOOKED_AT), strict=False):
        try:
            salient += bool(read_example(source.row(handle)).mask.any())
        except DatasetError as error:
            wrong = wrong or str(error)
    if not salient:
        what = wrong or "all masks that were looked at are black"
        raise DatasetError(f"{source.name}: {what}; expected masks that are 255 on what stands out")


def _spread(source: Source) -> Iterator[Handle]:
    if source.streaming:
        return source.handles()
    step = max(1, source.learned // LOOKED_AT)
    return (handle for number, handle in enumerate(source.handles()) if number % step == 0)
