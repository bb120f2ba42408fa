"""A run on this machine: shards over processes, each of which builds the stages once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Protocol, runtime_checkable

from bdstr.card import DatasetFacts, Origin, card
from bdstr.errors import RunError
from bdstr.folder import measure
from sodeval.outputs.atomic import write_atomically

from ..draft import Rejected
from ..origin import as_found
from ..pipeline import Make
from ..sources import Item, Source, Unusable
from .plan import Plan
from .shards import Marker, is_done, join_rejects, read_marker, write_shard

OnProgress = Callable[[int, int], None]
"""Called with the photographs done and their number."""


@runtime_checkable
class Work(Protocol):
    """What makes rows: picklable, and the same for every shard."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def origin(self) -> Origin: ...

    def build(self) -> Make: ...


@dataclass(slots=True)
class Summary:
    """What a run has made so far.

    Args:
        shards: how many there will be.
        done: how many are finished.
        rows: in the finished ones.
        rejects: photographs that got no row, those among them that were left out before any shard.
        reasons: stage and reason -> how many, of the finished run.
    """

    shards: int
    done: int = 0
    rows: int = 0
    rejects: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def finished(self) -> bool:
        return self.done == self.shards


def run(
    plan: Plan,
    source: Source,
    work: Work,
    *,
    processes: int = 1,
    part: tuple[int, int] = (1, 1),
    on_progress: OnProgress | None = None,
) -> Summary:
    """Makes what is missing of a dataset; finishes it where nothing is.

    Args:
        plan: of the run.
        source: the photographs.
        work: what makes rows of them.
        processes: on this machine.
        part: ``(3, 16)`` is the third of sixteen runs that share the shards.
        on_progress: see `OnProgress`.

    Raises:
        OutputError: a file cannot be written.
    """
    number, of = part
    mine = [shard for shard in range(plan.count) if shard % of == number - 1]
    total = sum(len(plan.items_of(shard, source.items)) for shard in mine)
    waiting = [shard for shard in mine if not is_done(plan, shard)]
    done = total - sum(len(plan.items_of(shard, source.items)) for shard in waiting)

    def step(items: int) -> None:
        nonlocal done
        done += items
        if on_progress:
            on_progress(done, total)

    step(0)
    if processes > 1 and len(waiting) > 1:
        _over_processes(plan, source.items, work, waiting, min(processes, len(waiting)), step)
    elif waiting:
        make = work.build()
        for shard in waiting:
            write_shard(plan, shard, plan.items_of(shard, source.items), make, step)
    return finish(plan, source, work)


def _over_processes(
    plan: Plan,
    items: Sequence[Item],
    work: Work,
    waiting: Sequence[int],
    processes: int,
    step: Callable[[int], None],
) -> None:
    context = get_context("spawn")  # a fork of a process with threads can hang
    with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(plan, work)) as pool:
        futures: dict[Future[Marker], int] = {}
        for shard in waiting:
            part = plan.items_of(shard, items)
            futures[pool.submit(_work_on, shard, part)] = len(part)
        for future in _as_they_end(set(futures)):
            future.result()
            step(futures[future])


def _as_they_end(futures: set[Future[Marker]]) -> Iterator[Future[Marker]]:
    while futures:
        ended, futures = wait(futures, return_when=FIRST_COMPLETED)
        yield from ended


_in_this_process: dict[str, tuple[Plan, Make]] = {}


def _start(plan: Plan, work: Work) -> None:
    _in_this_process["work"] = plan, work.build()


def _work_on(shard: int, items: Sequence[Item]) -> Marker:
    plan, make = _in_this_process["work"]
    return write_shard(plan, shard, items, make)


def finish(plan: Plan, source: Source, work: Work) -> Summary:
    """Counts what is there; where every shard is, writes the rejects in one file and the card."""
    summary = summarise(plan)
    summary.rejects += len(source.unusable)
    if not summary.finished:
        return summary
    rejects = join_rejects(
        [plan.rejects_file(shard) for shard in range(plan.count)], list(map(_as_reject, source.unusable))
    )
    write_atomically(plan.out / "rejects.parquet", rejects)
    write_atomically(plan.out / "README.md", card(_facts(plan, source, work)))
    summary.reasons = count_reasons(plan)
    return summary


def _facts(plan: Plan, source: Source, work: Work) -> DatasetFacts:
    splits = {name: measure([plan.data_file(i) for i in shards]) for name, shards in plan.splits.items()}
    return DatasetFacts(
        plan.out.resolve().name,
        {name: split.rows for name, split in splits.items()},
        as_found(work.origin, source),
        plan.categories,
        sum(split.stored_bytes for split in splits.values()),
        sum(split.memory_bytes for split in splits.values()),
    )


def summarise(plan: Plan) -> Summary:
    """What the markers of a run say."""
    summary = Summary(plan.count)
    for shard in range(plan.count):
        marker = read_marker(plan, shard)
        if marker is not None and marker.work == plan.work:
            summary.done += 1
            summary.rows += marker.rows
            summary.rejects += marker.rejects
    return summary


def count_reasons(plan: Plan) -> Counter[str]:
    """Stage and reason -> how many photographs, of a finished run."""
    import pyarrow.parquet as pq

    file = plan.out / "rejects.parquet"
    if not file.exists():
        raise RunError(f"{plan.out} is not finished: no rejects.parquet; run it again until it is")
    table = pq.read_table(file, columns=["stage", "reason"]).to_pylist()
    return Counter(f"{row['stage']}: {row['reason']}" for row in table)


def _as_reject(unusable: Unusable) -> Rejected:
    return Rejected(unusable.key, "source", unusable.reason, unusable.detail)
