"""Signs of life of a run on standard error: a bar on a terminal, now and then a line in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from .pace import Pace

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from ..run.local import OnProgress

SECONDS_BETWEEN_LINES = 10.0
Clock = Callable[[], float]


@contextmanager
def progress(
    name: str, console: Console | None = None, clock: Clock = time.monotonic
) -> Iterator[OnProgress]:
    """Yields what a run calls with the photographs done and their number.

    Args:
        name: of the dataset.
        console: that is written to; None is standard error.
        clock: in seconds.
    """
    with progresses([name], console, clock) as (on_progress,):
        yield on_progress


@contextmanager
def progresses(
    names: Sequence[str], console: Console | None = None, clock: Clock = time.monotonic
) -> Iterator[list[OnProgress]]:
    """Several of them, one after another: each shows from its first call on."""
    from rich.console import Console

    # not what FORCE_COLOR says: a build's log that shows colours is still a log
    console = console or Console(stderr=True, force_terminal=sys.stderr.isatty())
    if not console.is_terminal:
        yield [_Lines(name, console, clock) for name in names]
        return
    with _open_display(console) as display:
        yield [_bar(name, display, clock) for name in names]


def _open_display(console: Console) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    text = TextColumn("{task.description}", markup=False)  # a folder may be called [red]
    figures = TextColumn("{task.fields[figures]}", markup=False)
    return Progress(text, BarColumn(), MofNCompleteColumn(), figures, console=console, transient=True)


def _bar(name: str, display: Progress, clock: Clock) -> OnProgress:
    pace, task = Pace(), display.add_task(name, total=None, figures="", visible=False)

    def on_progress(done: int, total: int) -> None:
        pace.note(done, total, clock())
        said = pace.figures().removeprefix(", ")
        display.update(task, completed=done, total=total, figures=said, visible=True)

    return on_progress


class _Lines:
    """One line every few seconds, for logs."""

    def __init__(self, name: str, console: Console, clock: Clock) -> None:
        self._name, self._console, self._clock, self._pace = name, console, clock, Pace()
        self._last = clock()

    def __call__(self, done: int, total: int) -> None:
        now = self._clock()
        self._pace.note(done, total, now)
        if now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            click.echo(f"{self._name}: {self._pace.words()}", file=self._console.file)
