"""Chunks of samples over worker processes, with the results in the order of the samples.

The order is what makes sums the same bits for any number of workers. A worker that dies takes no other
file with it: what was under way is run again on its own, down to the one map that kills.
"""

from __future__ import annotations

import ctypes
import math
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import takewhile
from multiprocessing import get_context, parent_process
from pathlib import Path

from .errors import WorkerError
from .interrupts import interrupts_held
from .problem import Problem
from .scoring import Outcome, Sample, Settings, score_chunk

PAIRS_A_CHUNK = 32
MAX_WORKERS = 60
"""Windows cannot wait for more."""
CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")
CHUNKS_AHEAD = 3
"""Per worker: enough that none waits, few enough that memory stays flat."""

Chunk = Sequence[Sample]
Flag = ctypes.c_byte
"""A byte that all workers see; without a lock, which a worker could take into its grave."""

_CONTEXT = get_context("spawn")
"""Forking a process that has threads, as OpenCV and progress bars start them, can hang."""


def usable_cpus() -> int:
    """How many processors this process may use, which in a container can be fewer than there are."""
    try:
        allowed = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        allowed = os.cpu_count() or 1
    return max(1, min(allowed, _quota(), MAX_WORKERS))


def _quota() -> int:
    """Processors' worth of time that a container grants, e.g. `docker run --cpus 2`."""
    try:
        quota, period = CGROUP_QUOTA.read_text().split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # no container, or no limit: "max"
        return MAX_WORKERS


def chunks_of(samples: Sequence[Sample], methods: int) -> list[Chunk]:
    """Neighbouring samples, about `PAIRS_A_CHUNK` pairs in each."""
    size = max(1, PAIRS_A_CHUNK // max(1, methods))
    return [samples[start : start + size] for start in range(0, len(samples), size)]


def run(chunks: Sequence[Chunk], settings: Settings, workers: int) -> Iterator[Outcome]:
    """The outcome of each chunk, in the order of the chunks.

    Raises:
        WorkerError: no worker can be started.
    """
    if workers <= 1:
        yield from (score_chunk(chunk, settings) for chunk in chunks)
        return
    waiting = deque(chunks)
    while waiting:
        try:
            yield from _drain(waiting, settings, workers)
        except BrokenProcessPool:
            for _ in range(min(len(waiting), workers * CHUNKS_AHEAD)):
                yield _score_apart(waiting.popleft(), settings)


def _drain(waiting: deque[Chunk], settings: Settings, workers: int) -> Iterator[Outcome]:
    """Takes a chunk off `waiting` once its outcome has been handed on."""
    ahead: deque[Future[Outcome]] = deque()
    stop = _CONTEXT.RawValue(Flag, 0)
    pool = _pool(min(workers, MAX_WORKERS, len(waiting)), stop)
    try:
        while waiting:
            while len(ahead) < min(len(waiting), workers * CHUNKS_AHEAD):
                with interrupts_held():
                    ahead.append(pool.submit(_score_until_stopped, waiting[len(ahead)], settings))
            outcome = ahead.popleft().result()
            waiting.popleft()
            yield outcome
    finally:
        # After Ctrl-C nobody waits for a whole chunk. Workers are asked rather than killed: one that dies
        # while it writes a result, or a second Ctrl-C here, leaves a thread of the pool to wait for ever.
        stop.value = 1
        with interrupts_held():
            pool.shutdown(wait=True, cancel_futures=True)


def _score_apart(chunk: Chunk, settings: Settings) -> Outcome:
    """A chunk in a process of its own; where that dies too, its parts, down to the one map that kills."""
    try:
        return _score_alone(chunk, settings)
    except BrokenProcessPool:
        parts = _parts(chunk)
    whole = Outcome()
    for part in parts:
        _join(whole, _score_apart(part, settings))
    if not parts:
        for method, file in chunk[0].maps.items():
            detail = "the process that read it or its mask died: too little memory, or a damaged file"
            whole.note(method, Problem(str(file), "worker-died", detail))
    return whole


def _parts(chunk: Chunk) -> list[Chunk]:
    """The samples of a chunk, or each map of its only sample; none where there is but one."""
    if len(chunk) > 1:
        return [[sample] for sample in chunk]
    sample = chunk[0]
    if len(sample.maps) > 1:
        return [[replace(sample, maps={method: file})] for method, file in sample.maps.items()]
    return []


def _score_alone(chunk: Chunk, settings: Settings) -> Outcome:
    with _pool(1, _CONTEXT.RawValue(Flag, 0)) as pool:
        try:
            with interrupts_held():
                pool.submit(usable_cpus).result()  # anything: a worker that answers has started
        except BrokenProcessPool as error:
            raise WorkerError(
                "no worker process can be started; in a script, call this under "
                'if __name__ == "__main__":, or use one worker'
            ) from error
        return pool.submit(score_chunk, chunk, settings).result()


def _join(whole: Outcome, part: Outcome) -> None:
    whole.digests |= part.digests
    whole.fresh += part.fresh
    for method, facts in part.facts.items():
        whole.facts.setdefault(method, {}).update(facts)
    for method, problems in part.problems.items():
        said = whole.problems.get(method, [])  # of the mask, by the parts of one sample
        whole.note(method, *(problem for problem in problems if problem not in said))


def _pool(workers: int, stop: Flag) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, _CONTEXT, initializer=_start_worker, initargs=(stop,))


_in_this_worker: dict[str, Flag] = {}


def _score_until_stopped(chunk: Chunk, settings: Settings) -> Outcome:
    stop = _in_this_worker["stop"]
    return score_chunk(takewhile(lambda _: not stop.value, chunk), settings)


def _start_worker(stop: Flag) -> None:
    """A worker computes in one thread; a second one waits for the process that started it to be killed."""
    import cv2

    _in_this_worker["stop"] = stop
    cv2.setNumThreads(1)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Waits for the process that started this one, and ends this one with it, however it ended."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
