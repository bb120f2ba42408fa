"""Signs of life on standard error: a bar on a terminal, now and then a line in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..evaluation import OnProgress

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress(unit: str = "images") -> Iterator[OnProgress]:
    """Yields what `evaluate_pairings` calls after each chunk.

    Args:
        unit: what is counted.
    """
    if not sys.stderr.isatty():
        yield _Lines(unit)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, int] = {}

        def on_progress(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done)  # type: ignore[arg-type]

        yield on_progress


class _Lines:
    """One line every few seconds, for logs."""

    def __init__(self, unit: str) -> None:
        self._unit, self._last = unit, time.monotonic()

    def __call__(self, name: str, done: int, total: int) -> None:
        if time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            click.echo(f"{name}: {done:,} of {total:,} {self._unit}", err=True)
