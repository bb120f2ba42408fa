"""Which worker gets which shard next: known without the cluster that they are on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


class Deals:
    """Who makes which shard: workers that wait, and shards that nobody makes.

    A worker that had nothing left to do waits on: another may lose its shard, and with its node the room for
    any worker but this one.

    Args:
        shards: in the order in which they are made.
    """

    def __init__(self, shards: Sequence[int]) -> None:
        self._shards, self._workers = list(reversed(shards)), list[Any]()

    def free(self, worker: Any) -> None:
        """A worker has nothing to do."""
        self._workers.append(worker)

    def lost(self, shard: int) -> None:
        """Whoever made it died."""
        self._shards.append(shard)

    @property
    def has_workers(self) -> bool:
        return bool(self._workers)

    @property
    def has_shards(self) -> bool:
        return bool(self._shards)

    def __iter__(self) -> Iterator[tuple[Any, int]]:
        """Worker and shard, for as long as there are both; what is dealt is gone."""
        while self._workers and self._shards:
            yield self._workers.pop(), self._shards.pop()
