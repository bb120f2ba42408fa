"""A run on this machine: what is missing of a dataset, and its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from bdstr.card import DatasetFacts, Origin, card
from bdstr.errors import RunError
from bdstr.folder import measure
from sodeval.outputs.atomic import write_atomically

from ..draft import Rejected
from ..origin import as_found
from ..pipeline import Make
from ..source import Item, Source, Unusable
from .building import built
from .crashes import find_crashes, forget_signs
from .hashing import unhashed, write_hashes
from .plan import ROWS_A_SHARD, Plan
from .processes import ProcessDiedError, Step, Steps, over_processes
from .shards import content_of_run, is_done, join_rejects, read_marker, write_shard

OnProgress = Callable[[int, int], None]
"""Called with the photographs done and their number."""


@runtime_checkable
class Work(Protocol):
    """What makes rows: picklable, and the same for every shard."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def origin(self) -> Origin: ...

    @property
    def needs_hashes(self) -> bool: ...

    def of_process(self, process: int) -> Work: ...

    def build(self, hashes: Sequence[Path] | None = None) -> Make: ...


@dataclass(slots=True)
class Summary:
    """What a run has made so far.

    Args:
        shards: how many there will be.
        done: how many are finished.
        rows: in the finished ones.
        rejects: photographs that got no row, those among them that were left out before any shard.
        reasons: stage and reason -> how many, of the finished run.
        black: rows whose mask is all black: nothing stands out.
        black_key: the first of them.
    """

    shards: int
    done: int = 0
    rows: int = 0
    rejects: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    black: int = 0
    black_key: str = ""

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
    on_hash: OnProgress | None = None,
) -> Summary:
    """Makes what is missing of a dataset; finishes it where nothing is.

    Args:
        plan: of the run.
        source: the photographs.
        work: what makes rows of them.
        processes: on this machine.
        part: of the shards; see `Plan.shards_of`.
        on_progress: see `OnProgress`.
        on_hash: the same for the pass before that hashes photographs, where the work needs it.

    Raises:
        OutputError: a file cannot be written.
        RunError: a process died, and not over a photograph, which would be rejected; or the device that
            stages run on failed.
    """
    mine = plan.shards_of(part)
    find_crashes(plan, mine, source.items)  # over which an earlier run has died
    while True:
        try:
            _make_missing(plan, source, work, processes, part, on_progress, on_hash)
        except ProcessDiedError:
            if not find_crashes(plan, mine, source.items):
                raise
        else:
            return finish(plan, source, work)


def _make_missing(
    plan: Plan,
    source: Source,
    work: Work,
    processes: int,
    part: tuple[int, int],
    on_progress: OnProgress | None,
    on_hash: OnProgress | None,
) -> None:
    mine = plan.shards_of(part)
    waiting = [shard for shard in mine if not is_done(plan, shard)]
    missing = unhashed(plan, part) if waiting and work.needs_hashes else []
    all_, told = range(plan.count), on_hash if missing else None
    to_hash = Steps(missing, counter(plan, source.items, all_, missing, told))
    to_make = Steps(waiting, counter(plan, source.items, mine, waiting, on_progress))
    useful = min(processes, max(len(waiting), len(missing)))
    if useful and processes > 1:
        over_processes(plan, source.items, work, useful, to_hash, to_make)
    elif waiting:
        _alone(plan, source.items, work, to_hash, to_make)


def counter(
    plan: Plan,
    items: Sequence[Item],
    all_: Sequence[int],
    waiting: Sequence[int],
    on_progress: OnProgress | None,
) -> Step:
    """What counts on from the shards that are done, and tells of it."""
    total = sum(len(plan.items_of(shard, items)) for shard in all_)
    done = total - sum(len(plan.items_of(shard, items)) for shard in waiting)

    def step(more: int) -> None:
        nonlocal done
        done += more
        if on_progress:
            on_progress(done, total)

    step(0)
    return step


def _alone(plan: Plan, items: Sequence[Item], work: Work, to_hash: Steps, to_make: Steps) -> None:
    for shard in to_hash.shards:
        part = plan.items_of(shard, items)
        write_hashes(plan, shard, part)
        to_hash.step(len(part))
    make = built(plan, work)
    for shard in to_make.shards:
        write_shard(plan, shard, plan.items_of(shard, items), make, to_make.step)


def finish(plan: Plan, source: Source, work: Work) -> Summary:
    """Counts what is there; where every shard is, writes the rejects in one file and the card."""
    summary = summarise(plan)
    summary.rejects += len(source.unusable)
    if not summary.finished:
        return summary
    forget_signs(plan)
    rejects = join_rejects(
        [plan.rejects_file(shard) for shard in range(plan.count)], list(map(_as_reject, source.unusable))
    )
    write_atomically(plan.out / "rejects.parquet", rejects)
    write_atomically(plan.out / "README.md", card(_facts(plan, source, work)))
    summary.reasons = count_reasons(plan)
    return summary


def _facts(plan: Plan, source: Source, work: Work) -> DatasetFacts:
    others = plan.rows_a_shard != ROWS_A_SHARD  # of which batches are formed, and files
    size = f" --rows-per-shard {plan.rows_a_shard}" if others else ""
    splits = {name: measure([plan.data_file(i) for i in shards]) for name, shards in plan.splits.items()}
    return DatasetFacts(
        plan.out.resolve().name,
        {name: split.rows for name, split in splits.items()},
        as_found(work.origin, replace(source, options=f"{source.options}{size}")),
        plan.categories,
        sum(split.stored_bytes for split in splits.values()),
        sum(split.memory_bytes for split in splits.values()),
        content=content_of_run(plan),
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
            summary.black += marker.black
            summary.black_key = summary.black_key or marker.black_key
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
