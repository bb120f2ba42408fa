"""The stages of a run in one process, which may be on another machine than the one that planned it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from bdstr.errors import RunError

from ..pipeline import Make
from .plan import Plan


@runtime_checkable
class Builds(Protocol):
    """What builds the stages: picklable, and for each process perhaps on a device of its own."""

    @property
    def fingerprint(self) -> str: ...

    def of_process(self, process: int) -> Builds: ...

    def build(self, hashes: Sequence[Path] | None = None) -> Make: ...


def built(plan: Plan, work: Builds) -> Make:
    """Builds the stages, where this process finds the models and files that the run was planned with.

    Raises:
        RunError: it finds others under their names, whose rows would mix with those that are there.
    """
    if work.fingerprint not in plan.work:
        raise RunError(
            f"{plan.out}: the recipe of the run is {plan.work}, here it is {work.fingerprint}: a model's "
            "folder or a file that it names is another on this machine, or was changed; expected the same: "
            "put it back, run again"
        )
    return work.build(plan.hashes_files)
