"""In which order rows are learned from: by the seed alone, on any number of processes, from any step on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

import numpy as np
from torch.utils.data import IterableDataset, get_worker_info

from .augmentation import generator
from .example import Row
from .settings import Settings
from .source import Handle, Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Item:
    """A row in its place.

    Args:
        number: how many rows were learned from before, in the whole run.
        epoch: how often this one was.
        row: the row.
    """

    number: int
    epoch: int
    row: Row


class Order(IterableDataset[Item]):
    """All rows of a run, epoch after epoch: one long stream, so that no epoch ends in half a batch.

    Args:
        source: where rows are.
        settings: of the run.
        rows: in the whole run.
        block: rows that all processes together take at a time. The workers of a data loader take blocks in
            turn, and so give the order of one.
        first: rows that are passed over, since a run before this one learned from them.
    """

    def __init__(self, source: Source, settings: Settings, rows: int, block: int, first: int = 0) -> None:
        self.source, self.settings = source, settings
        self.rows, self.block, self.first = rows, block, first

    def __iter__(self) -> Iterator[Item]:
        worker = get_worker_info()
        mine, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        for number, epoch, handle in self._places():
            if (number - self.first) // self.block % workers == mine:
                yield Item(number, epoch, self.source.row(handle))

    def _places(self) -> Iterator[tuple[int, int, Handle]]:
        learned = self.source.learned
        for epoch in count(self.first // learned):
            for number, handle in enumerate(self._epoch(epoch), epoch * learned):
                if number >= self.rows:
                    return
                if number >= self.first:
                    yield number, epoch, handle

    def _epoch(self, epoch: int) -> Iterator[Handle]:
        source = self.source
        buffer = self.settings.shuffle_buffer if source.streaming else source.learned
        return shuffled(source.handles(), buffer, generator(self.settings.seed, epoch, "order"))


def shuffled(things: Iterable[T], buffer: int, random: np.random.Generator) -> Iterator[T]:
    """Things in random order, with so many at most held back: a permutation where the buffer takes all.

    Example:
        >>> sorted(shuffled("abc", 2, np.random.default_rng(0)))
        ['a', 'b', 'c']
    """
    held: list[T] = []
    for thing in things:
        if len(held) < buffer:
            held.append(thing)
            continue
        place = int(random.integers(buffer))
        yield held[place]
        held[place] = thing
    yield from (held[place] for place in random.permutation(len(held)))
