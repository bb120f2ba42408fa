"""Shards over processes of this machine, each of which builds the stages once."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from bdstr.errors import RunError
from sodeval.interrupts import interrupts_held
from sodeval.runner import end_with_parent

from ..pipeline import Make
from ..source import Item
from .building import Builds, built
from .hashing import write_hashes
from .plan import Plan
from .shards import write_shard

SECONDS_BETWEEN_STEPS = 0.5
_CONTEXT = get_context("spawn")
"""A fork of a process with threads can hang."""
_KILLED = (
    "a process died (a kill, often for want of memory, or a crash in a decoder); what is done is kept: run "
    "again, where memory is short with fewer --processes"
)


Step = Callable[[int], None]
"""Called with how many photographs are done since the last call."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Work on some shards.

    Args:
        shards: their numbers.
        step: see `Step`.
    """

    shards: Sequence[int]
    step: Step


class ProcessDiedError(RunError):
    """One did, whatever killed it."""


class _StoppedError(Exception):
    """Nobody waits for the shard any more."""


def over_processes(
    plan: Plan, items: Sequence[Item], work: Builds, processes: int, to_hash: Steps, to_make: Steps
) -> None:
    """Writes the hashes of some shards, then makes others.

    Args:
        plan: of the run.
        items: all photographs.
        work: what makes rows of them.
        processes: how many, 1 or more.
        to_hash: the shards whose hashes are missing.
        to_make: the shards that are waiting.

    Raises:
        OutputError: a file cannot be written.
        ProcessDiedError: a process died.
    """
    stop = _CONTEXT.RawValue(ctypes.c_byte, 0)
    done = _CONTEXT.RawArray(ctypes.c_int64, plan.count)  # each cell has one writer: no lock to die with
    started = _CONTEXT.Value(ctypes.c_int, 0)
    shared = (plan, work, stop, done, started)
    pool = ProcessPoolExecutor(processes, _CONTEXT, initializer=_start, initargs=shared)
    try:
        for call, steps in ((_hash, to_hash), (_work_on, to_make)):
            done[:] = [0] * plan.count
            with interrupts_held():  # Ctrl-C is not for workers, which would each print where they were
                futures = {pool.submit(call, shard, plan.items_of(shard, items)) for shard in steps.shards}
            _wait(futures, done, steps.step)
    except BrokenProcessPool as error:
        raise ProcessDiedError(_KILLED) from error
    finally:
        stop.value = 1  # after an error or Ctrl-C nobody waits for a whole shard
        with interrupts_held():
            pool.shutdown(wait=True, cancel_futures=True)


def _wait(futures: set[Future[None]], done: Any, step: Step) -> None:
    told = 0
    while futures:
        ended, futures = wait(futures, SECONDS_BETWEEN_STEPS, FIRST_COMPLETED)
        now = sum(done)
        step(now - told)
        told = now
        for future in ended:
            future.result()


_in_this_process: dict[str, Any] = {}


def _start(plan: Plan, work: Builds, stop: Any, done: Any, started: Any) -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    with started.get_lock():
        work = work.of_process(started.value)
        started.value += 1
    _in_this_process.update(plan=plan, work=work, stop=stop, done=done)


def _hash(shard: int, items: Sequence[Item]) -> None:
    write_hashes(_in_this_process["plan"], shard, items)
    _in_this_process["done"][shard] = len(items)


def _work_on(shard: int, items: Sequence[Item]) -> None:
    stop, done = _in_this_process["stop"], _in_this_process["done"]

    def on_item(count: int) -> None:
        if stop.value:
            raise _StoppedError
        done[shard] += count

    write_shard(_in_this_process["plan"], shard, items, _make(), on_item)


def _make() -> Make:
    """The stages, built with the first shard: they may need all hashes, and errors are told."""
    if "make" not in _in_this_process:
        _in_this_process["make"] = built(_in_this_process["plan"], _in_this_process["work"])
    make: Make = _in_this_process["make"]
    return make
