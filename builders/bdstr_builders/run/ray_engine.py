"""A run over a Ray cluster: the same shards as on one machine, handed out by Ray.

A shard is a task, and writes its own files, so a task that ran twice has done no harm: when a node dies, Ray
gives its shards to another. Photographs and output must lie where every node sees them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bdstr.errors import RunError, UsageError

from ..source import Source
from .building import built
from .crashes import find_crashes
from .deals import Deals
from .hashing import unhashed, write_hashes
from .local import OnProgress, Summary, Work, counter, finish
from .plan import Plan
from .shards import is_done, write_shard

RESTARTS = 5
"""Of a worker whose process or node died, before it is given up."""


def run_on_ray(
    plan: Plan,
    source: Source,
    work: Work,
    *,
    gpus_a_worker: float = 0.0,
    on_progress: OnProgress | None = None,
    on_hash: OnProgress | None = None,
) -> Summary:
    """Makes what is missing of a dataset over the cluster that was joined, or one of this machine.

    See `local.run`.

    Args:
        plan: of the run.
        source: the photographs.
        work: what makes rows of them.
        gpus_a_worker: each worker holds so many, 0 none.
        on_progress: called with the photographs done and their number.
        on_hash: the same for the pass before that hashes photographs, where the work needs it.

    Raises:
        UsageError: see `join`.
        RunError: a shard failed wherever it was tried.
    """
    ray = _import_ray()
    started_here = not ray.is_initialized()
    join(None, gpus_a_worker)
    try:
        find_crashes(plan, range(plan.count), source.items)  # over which workers have died before
        waiting = [shard for shard in range(plan.count) if not is_done(plan, shard)]
        if waiting and work.needs_hashes:
            _hash(ray, plan, source, on_hash)
        _hand_out(ray, plan, source, work, waiting, gpus_a_worker, on_progress)
    finally:
        if started_here:
            ray.shutdown()
    return finish(plan, source, work)


def join(address: str | None, gpus_a_worker: float = 0.0) -> None:
    """Joins a cluster, where this process has not joined one; it leaves when it ends.

    Args:
        address: None is that of ``RAY_ADDRESS``, or a cluster of this machine alone.
        gpus_a_worker: see `run_on_ray`.

    Raises:
        UsageError: Ray is not installed; or no node has the GPUs of a worker, which would wait for ever.
    """
    ray = _import_ray()
    if not ray.is_initialized():
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", include_dashboard=False)
    gpus = ray.cluster_resources().get("GPU", 0)
    if gpus < gpus_a_worker:
        raise UsageError(
            f"the cluster has {gpus:g} GPUs; expected {gpus_a_worker:g} or more: start nodes that have some, "
            "or run with --device cpu"
        )


def _import_ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise UsageError("Ray is not installed: in a clone of bdstr, pip install '.[ray]'") from error
    return ray


def _hash(ray: Any, plan: Plan, source: Source, on_hash: OnProgress | None) -> None:
    """A task for each list of hashes that is missing; those of a dead node go to another."""
    missing = unhashed(plan)
    step = counter(plan, source.items, range(plan.count), missing, on_hash if missing else None)
    task = ray.remote(num_cpus=1, max_retries=RESTARTS)(write_hashes)
    parts = {shard: plan.items_of(shard, source.items) for shard in missing}
    calls = {task.remote(plan, shard, part): len(part) for shard, part in parts.items()}
    while calls:
        (ended,), _ = ray.wait(list(calls), num_returns=1)
        _answer(ray, ended)
        step(calls.pop(ended))


def _hand_out(
    ray: Any,
    plan: Plan,
    source: Source,
    work: Work,
    waiting: Sequence[int],
    gpus_a_worker: float,
    on_progress: OnProgress | None,
) -> None:
    """Gives each worker that answers a shard, until none is left.

    A call that fails gives its shard back; its worker must answer again before it gets another. So a worker
    that Ray cannot place, since its node is gone, holds nothing up while another lives.
    """
    step = counter(plan, source.items, range(plan.count), waiting, on_progress)
    workers = _start_workers(ray, plan, work, len(waiting), gpus_a_worker) if waiting else []
    calls: Calls = {worker.answer.remote(): (worker, None) for worker in workers}
    deals = Deals(waiting)
    while deals.has_shards or any(shard is not None for _, shard in calls.values()):
        worker, shard, error = _next(ray, calls)
        if error:
            if shard is not None:
                deals.lost(shard)
            _ask_again(worker, error, calls, deals)
        else:
            deals.free(worker)
            step(0 if shard is None else len(plan.items_of(shard, source.items)))
        for worker, shard in deals:
            calls[worker.work.remote(shard, plan.items_of(shard, source.items))] = worker, shard


Calls = dict[Any, tuple[Any, int | None]]
"""A call under way -> its worker, and the shard that it makes, if any."""


def _next(ray: Any, calls: Calls) -> tuple[Any, int | None, Exception | None]:
    """The next call that ends: whose it was, its shard, and how it failed if it did."""
    (ended,), _ = ray.wait(list(calls), num_returns=1)
    worker, shard = calls.pop(ended)
    try:
        _answer(ray, ended)
    except ray.exceptions.RayActorError as error:  # its process or node died
        return worker, shard, error
    return worker, shard, None


def _answer(ray: Any, call: Any) -> None:
    """Waits for a call; what died without an actor, or failed by itself, is told."""
    try:
        ray.get(call)
    except ray.exceptions.RayActorError:
        raise
    except ray.exceptions.RayError as error:
        raise RunError(
            f"a shard failed ({error}); what is done is kept: mend what it says, run again"
        ) from error


def _ask_again(worker: Any, error: Exception, calls: Calls, deals: Deals) -> None:
    import ray.exceptions

    if not isinstance(error, ray.exceptions.ActorDiedError):
        calls[worker.answer.remote()] = worker, None
    elif not calls and not deals.has_workers:
        raise RunError(f"every worker died ({error}); what is done is kept: run again") from error


def _start_workers(ray: Any, plan: Plan, work: Work, shards: int, gpus: float) -> list[Any]:
    """As many as there are processors but one: actors that take all of them leave none for Ray itself."""
    resources = ray.cluster_resources()
    room = int(resources.get("GPU", 0) / gpus) if gpus else int(resources.get("CPU", 1)) - 1
    kind = ray.remote(num_cpus=1, num_gpus=gpus, max_restarts=RESTARTS)(_Worker)
    return [kind.remote(plan, work) for _ in range(max(1, min(room, shards)))]


class _Worker:
    """Builds the stages once, then makes shards; moved to another node where its own dies."""

    def __init__(self, plan: Plan, work: Work) -> None:
        self._plan, self._make = plan, built(plan, work)

    def answer(self) -> None:
        """Tells that it has been placed on a node, and its stages built."""

    def work(self, shard: int, items: Sequence[Any]) -> None:
        if not is_done(self._plan, shard):  # by a try whose answer was lost
            write_shard(self._plan, shard, items, self._make)
