"""Problems as a person reads them: each error by name, notes by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import click

from ..outputs.layout import printable
from ..problem import Problem
from ..report import Report

MAX_LINES = 20


def say_problems(report: Report, others: Sequence[Problem], *, all_of_them: bool = False) -> None:
    """Lists what is wrong on standard error.

    Args:
        report: its results' problems are listed under method and benchmark.
        others: problems of folders.
        all_of_them: otherwise long lists end early, and say where the rest is.
    """
    _say("", others, all_of_them)
    for result in report.results:
        title = f"{printable(result.method)} on {printable(result.benchmark)}"
        _say(title, result.problems, all_of_them)


def _say(title: str, problems: Sequence[Problem], all_of_them: bool) -> None:
    for line in lines(title, problems, MAX_LINES if not all_of_them else len(problems)):
        click.echo(line, err=True)


def lines(title: str, problems: Iterable[Problem], most: int) -> list[str]:
    """The lines of one list, without its end where it is longer than `most`.

    Example:
        >>> lines("Mine on SOD", [Problem("a.png", "missing", "no map"), Problem("b", "rgb", "", "note")], 9)
        ['Mine on SOD', '  error  a.png: no map', '  note   rgb: b']
    """
    listed = list(problems)
    errors, notes = [p for p in listed if p.is_error], [p for p in listed if not p.is_error]
    body = [f"  error  {printable(p.file)}: {printable(p.detail)}" for p in errors]
    left = len(body) - most
    if left > 0:
        body[most:] = [f"  ... and {left:,} more errors; --out lists them all in report.json"]
    body += _by_kind(notes)
    return [title, *body] if title and body else body


def _by_kind(notes: Sequence[Problem]) -> list[str]:
    counted = Counter(note.kind for note in notes)
    firsts = {note.kind: note for note in reversed(notes)}
    return [
        f"  note   {kind}: {printable(firsts[kind].file)}"
        + (f" ({printable(firsts[kind].detail)})" if firsts[kind].detail else "")
        + (f", and {count - 1:,} more" if count > 1 else "")
        for kind, count in counted.items()
    ]
