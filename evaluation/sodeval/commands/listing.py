"""Problems as a person reads them: each error by name, notes by kind."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from ..printable import printable
from ..problem import Problem
from .inputs import Inputs

if TYPE_CHECKING:
    from ..report import Report

MAX_LINES = 20


def say_problems(report: Report, others: Sequence[Problem], *, all_of_them: bool = False) -> None:
    """Lists what is wrong on standard error.

    Args:
        report: its results' problems are listed under method and benchmark, those of every method once.
        others: problems of folders.
        all_of_them: otherwise long lists end early, and say where the rest is.
    """
    _say("", others, all_of_them)
    for benchmark in report.benchmarks:
        found = {result.method: result.problems for result in report.of(benchmark)}
        _say_of_benchmark(benchmark, found, all_of_them)


def say_input_problems(inputs: Inputs) -> bool:
    """Lists what is wrong with the folders, before any file is read; whether there is an error among it."""
    said = list(inputs.problems)
    _say("", inputs.problems, False)
    for pairing in inputs.pairings:
        masks = pairing.problems.get("", ())
        found = {method: (*masks, *pairing.problems.get(method, ())) for method in pairing.maps}
        _say_of_benchmark(pairing.benchmark, found, False)
        said += itertools.chain(*found.values())
    return any(problem.is_error for problem in said)


def _say_of_benchmark(benchmark: str, problems: Mapping[str, Sequence[Problem]], all_of_them: bool) -> None:
    """What all methods have in common, which is of the masks, is said once."""
    shared = set.intersection(*map(set, problems.values())) if len(problems) > 1 else set()
    _say(f"{printable(benchmark)}, every method", sorted(shared), all_of_them)
    for method, found in problems.items():
        own = [problem for problem in found if problem not in shared]
        say_problems_of(method, benchmark, own, all_of_them=all_of_them)


def say_problems_of(
    method: str, benchmark: str, problems: Sequence[Problem], *, all_of_them: bool = False
) -> bool:
    """Lists what is wrong with the files of one method; whether there is an error among it."""
    _say(f"{printable(method)} on {printable(benchmark)}", problems, all_of_them)
    return any(problem.is_error for problem in problems)


def _say(title: str, problems: Sequence[Problem], all_of_them: bool) -> None:
    for line in lines(title, problems, len(problems) if all_of_them else MAX_LINES, each_note=all_of_them):
        click.echo(line, err=True)


def lines(title: str, problems: Iterable[Problem], most: int, *, each_note: bool = False) -> list[str]:
    """The lines of one list, without its end where it is longer than `most`; notes by kind unless each.

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
    body += [_note(note) for note in notes] if each_note else _by_kind(notes)
    return [title, *body] if title and body else body


def _by_kind(notes: Sequence[Problem]) -> list[str]:
    counted = Counter((note.kind, note.detail) for note in notes)
    firsts = {(note.kind, note.detail): note for note in reversed(notes)}
    return [
        _note(firsts[alike]) + (f", and {count - 1:,} more" if count > 1 else "")
        for alike, count in counted.items()
    ]


def _note(note: Problem) -> str:
    detail = f" ({printable(note.detail)})" if note.detail else ""
    return f"  note   {note.kind}: {printable(note.file)}{detail}"
