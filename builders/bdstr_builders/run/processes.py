"""Shards over processes of this machine, each of which builds the stages once."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Protocol, runtime_checkable

from bdstr.errors import RunError
from sodeval.runner import end_with_parent, interrupts_held

from ..pipeline import Make
from ..sources import Item
from .plan import Plan
from .shards import Marker, write_shard

SECONDS_BETWEEN_STEPS = 0.5
_CONTEXT = get_context("spawn")
"""A fork of a process with threads can hang."""
_KILLED = (
    "a process died (a kill, often for want of memory, or a crash in a decoder); what is done is kept: run "
    "again, where memory is short with fewer --processes"
)


@runtime_checkable
class Builds(Protocol):
    """What builds the stages: picklable."""

    def build(self) -> Make: ...


class _StoppedError(Exception):
    """Nobody waits for the shard any more."""


def over_processes(
    plan: Plan,
    items: Sequence[Item],
    work: Builds,
    waiting: Sequence[int],
    processes: int,
    step: Callable[[int], None],
) -> None:
    """Makes the shards that are waiting.

    Args:
        plan: of the run.
        items: all photographs.
        work: what makes rows of them.
        waiting: the numbers of the shards.
        processes: how many, 1 or more.
        step: is called with the photographs done since its last call, now and then.

    Raises:
        OutputError: a file cannot be written.
        RunError: a process died.
    """
    stop = _CONTEXT.RawValue(ctypes.c_byte, 0)
    done = _CONTEXT.RawArray(ctypes.c_int64, len(waiting))  # each cell has one writer: no lock to die with
    pool = ProcessPoolExecutor(processes, _CONTEXT, initializer=_start, initargs=(plan, work, stop, done))
    try:
        with interrupts_held():  # Ctrl-C is not for workers, which would each print where they were
            futures = {
                pool.submit(_work_on, cell, shard, plan.items_of(shard, items))
                for cell, shard in enumerate(waiting)
            }
        _wait(futures, done, step)
    except BrokenProcessPool as error:
        raise RunError(_KILLED) from error
    finally:
        stop.value = 1  # after an error or Ctrl-C nobody waits for a whole shard
        with interrupts_held():
            pool.shutdown(wait=True, cancel_futures=True)


def _wait(futures: set[Future[Marker]], done: Any, step: Callable[[int], None]) -> None:
    told = 0
    while futures:
        ended, futures = wait(futures, SECONDS_BETWEEN_STEPS, FIRST_COMPLETED)
        now = sum(done)
        step(now - told)
        told = now
        for future in ended:
            future.result()


_in_this_process: dict[str, Any] = {}


def _start(plan: Plan, work: Builds, stop: Any, done: Any) -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    _in_this_process.update(plan=plan, work=work, stop=stop, done=done)


def _work_on(cell: int, shard: int, items: Sequence[Item]) -> Marker:
    stop, done = _in_this_process["stop"], _in_this_process["done"]

    def on_item(count: int) -> None:
        if stop.value:
            raise _StoppedError
        done[cell] += count

    return write_shard(_in_this_process["plan"], shard, items, _make(), on_item)


def _make() -> Make:
    """The stages, built with the first shard: what goes wrong at the start of a process is never told."""
    if "make" not in _in_this_process:
        _in_this_process["make"] = _in_this_process["work"].build()
    make: Make = _in_this_process["make"]
    return make
