"""Processes of this machine that write hashes and make shards; each builds the stages once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from ..pipeline import Make
from ..sources import Item
from .hashing import write_hashes
from .plan import Plan
from .shards import write_shard

if TYPE_CHECKING:
    from .local import Work

Step = Callable[[int], None]
"""Called with how many photographs are done since the last call."""


def over_processes(
    plan: Plan,
    items: Sequence[Item],
    work: Work,
    processes: int,
    to_hash: tuple[Sequence[int], Step],
    to_make: tuple[Sequence[int], Step],
) -> None:
    """Writes the hashes of some shards, then makes others, each step told as it ends."""
    context = get_context("spawn")  # a fork of a process with threads can hang
    with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(plan, work)) as pool:
        for call, (shards, step) in ((_hash, to_hash), (_make, to_make)):
            futures: dict[Future[None], int] = {}
            for shard in shards:
                part = plan.items_of(shard, items)
                futures[pool.submit(call, shard, part)] = len(part)
            for future in _as_they_end(set(futures)):
                future.result()
                step(futures[future])


def _as_they_end(futures: set[Future[Any]]) -> Iterator[Future[Any]]:
    while futures:
        ended, futures = wait(futures, return_when=FIRST_COMPLETED)
        yield from ended


_in_this_process: dict[str, tuple[Plan, Work]] = {}
_built: dict[str, Make] = {}


def _start(plan: Plan, work: Work) -> None:
    _in_this_process["work"] = plan, work


def _hash(shard: int, items: Sequence[Item]) -> None:
    plan, _ = _in_this_process["work"]
    write_hashes(plan, shard, items)


def _make(shard: int, items: Sequence[Item]) -> None:
    plan, work = _in_this_process["work"]
    if not _built:  # not at the start: stages may need all hashes
        _built["make"] = work.build(plan.hashes_files)
    write_shard(plan, shard, items, _built["make"])
