"""Photographs over which a decoder takes its whole process down: found in a process apart, then rejected.

A shard has a sign for as long as somebody works on it. One that is there when nobody does says that a process
died over it: killed from outside, or by one of its photographs. Which of them, a process finds that does
nothing but decode; what it dies over is written down, and rejected when the shard is made again.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from typing import Any

from bdstr.errors import RunError
from sodeval.interrupts import interrupts_held
from sodeval.outputs.atomic import write_atomically
from sodeval.runner import end_with_parent

from ..decoding import RejectedError
from ..draft import Rejected
from ..photo import probe_photo, read_mask, read_photo
from ..pipeline import Made, Make
from ..source import Item
from .plan import Plan

REASON = "crashed"
_FROM_OUTSIDE = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM))
"""Signals that no decoder ends by: somebody sends them, or the system where memory is short."""
_CONTEXT = get_context("spawn")


@contextmanager
def signed(plan: Plan, shard: int) -> Iterator[None]:
    """Leaves the sign of a shard, where nothing but the death of this process can leave it behind."""
    write_atomically(plan.sign_file(shard), b"")
    try:
        yield
    finally:
        plan.sign_file(shard).unlink(missing_ok=True)


def forget_signs(plan: Plan) -> None:
    """Removes what dead processes have left of shards that others made, once all are made."""
    shutil.rmtree(plan.sign_file(0).parent, ignore_errors=True)


def known_crashes(plan: Plan, shard: int) -> Mapping[str, str]:
    """Key -> how its decoder crashed, as far as it did so far."""
    try:
        found: Mapping[str, str] = json.loads(plan.crashes_file(shard).read_text("utf-8"))
    except (FileNotFoundError, ValueError):  # what is lost is found again
        return {}
    return found


def past_crashes(plan: Plan, shard: int, make: Make) -> Make:
    """The same, but that photographs which crash are rejected and not decoded."""
    known = known_crashes(plan, shard)

    def careful(items: Sequence[Item]) -> Iterator[Made]:
        for item in items:
            if item.key in known:
                yield Rejected(item.key, "read", REASON, known[item.key])
        yield from make([item for item in items if item.key not in known])

    return careful if known else make


def find_crashes(plan: Plan, shards: Sequence[int], items: Sequence[Item]) -> int:
    """Looks, in shards that somebody has died over, for photographs that crash; writes them down.

    Returns:
        How many there are that were not known.

    Raises:
        OutputError: a file cannot be written.
        RunError: the process that looks was killed, too, and not by a photograph.
    """
    found = 0
    for shard in (one for one in shards if plan.sign_file(one).exists()):
        known = known_crashes(plan, shard)
        left = [item for item in plan.items_of(shard, items) if item.key not in known]
        new = {} if plan.marker_file(shard).exists() else crashing(left)
        if new:
            text = json.dumps({**known, **new}, indent=2, sort_keys=True)
            write_atomically(plan.crashes_file(shard), text + "\n")
        plan.sign_file(shard).unlink(missing_ok=True)
        found += len(new)
    return found


def crashing(items: Sequence[Item]) -> dict[str, str]:
    """Key -> how the process ended that decoded it; only those over which one did.

    Raises:
        RunError: it was killed from outside.
    """
    found: dict[str, str] = {}
    start = 0
    while start < len(items):
        code, at = _decoded_apart(items[start:])
        if code >= 0:  # also one that a Python error ended: that is told when the row is made
            break
        if -code in _FROM_OUTSIDE:
            raise RunError(
                f"the process that looks for damaged photographs was killed at {items[start + at].key} "
                f"({signal.Signals(-code).name}), perhaps for want of memory; what is done is kept: run again"
            )
        found[items[start + at].key] = (
            f"its decoder ends the process ({signal.Signals(-code).name}); expected one that can be read: "
            "save it anew with another program"
        )
        start += at + 1
    return found


def _decoded_apart(items: Sequence[Item]) -> tuple[int, int]:
    """How a process ended that decodes them, and at which."""
    at = _CONTEXT.RawValue(ctypes.c_int64, 0)
    child = _CONTEXT.Process(target=_decode, args=(items, at), daemon=True)
    with interrupts_held():
        child.start()
    try:
        child.join()
    finally:
        child.kill()
    return child.exitcode or 0, at.value


def _decode(items: Sequence[Item], at: Any) -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    for number, item in enumerate(items):
        at.value = number
        for read, file in ((read_photo, item.image), (probe_photo, item.image), (read_mask, item.mask)):
            if file is not None:
                with suppress(RejectedError, MemoryError):
                    read(file)
