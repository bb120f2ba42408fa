"""A report laid out as tables: what the text, Markdown, LaTeX and HTML outputs have in common."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..measures import STANDARD, Measure, in_order
from ..printable import printable
from ..protocol import PRESETS, Protocol
from ..report import Report, Result

NO_SCORE = "\u2013"
_OF_FOLDERS = {"no-maps", "no-match"}
"""Kinds of problems that say of a whole folder that nothing in it can be scored."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A score as printed, and its mark: 1, 2 or 3 for the best three of its column, else 0."""

    text: str
    mark: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One method. Its name is as it was given, except for what cannot be printed on one line."""

    name: str
    cells: tuple[Cell, ...]
    partial: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One benchmark.

    Args:
        benchmark: its name.
        images: how many masks it holds.
        columns: the measures, in the order of the cells.
        rows: the methods in the order of the report.
        notes: why a method has no score or a partial one.
    """

    benchmark: str
    images: int
    columns: tuple[Measure, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def marked(self) -> bool:
        return any(cell.mark for row in self.rows for cell in row.cells)


def lay_out(report: Report, decimals: int) -> tuple[Table, ...]:
    """One table a benchmark; all have the same columns."""
    columns = columns_of(report)
    return tuple(_table(name, report.of(name), columns, decimals) for name in report.benchmarks)


def columns_of(report: Report) -> tuple[Measure, ...]:
    """The measures that the report holds; the standard ones where no method has a score."""
    return in_order({name for result in report.results for name in result.scores} or STANDARD.keys())


def _table(benchmark: str, results: Sequence[Result], columns: tuple[Measure, ...], decimals: int) -> Table:
    ranked = [
        marks([_rankable(result, measure) for result in results], measure, decimals) for measure in columns
    ]
    rows = tuple(
        Row(
            printable(result.method),
            tuple(
                Cell(_printed(result, measure, decimals), column[i])
                for measure, column in zip(columns, ranked, strict=True)
            ),
            result.partial and result.scored,
        )
        for i, result in enumerate(results)
    )
    expected = max(result.expected for result in results)
    return Table(printable(benchmark), expected, columns, rows, tuple(notes(results)))


def marks(scores: Sequence[float], measure: Measure, decimals: int) -> list[int]:
    """1, 2 or 3 for the best three, else 0.

    Scores that print alike share their rank, and the ranks after them are passed over, as in sports: after
    two firsts comes a third. NaN never takes part; a score alone in its column is not marked.

    Example:
        >>> from sodeval.measures import STANDARD
        >>> marks([0.9501, 0.9502, 0.91, 0.90, math.nan], STANDARD["S"], 3)
        [1, 1, 3, 0, 0]
        >>> marks([0.05, 0.04], STANDARD["MAE"], 3)
        [2, 1]
    """
    sign = 1 if measure.better == "lower" else -1
    printed = [math.nan if math.isnan(score) else sign * float(f"{score:.{decimals}f}") for score in scores]
    taking_part = [score for score in printed if not math.isnan(score)]
    if len(taking_part) < 2:
        return [0] * len(scores)
    ranks = [1 + sum(other < score for other in taking_part) for score in printed]
    return [0 if math.isnan(score) or rank > 3 else rank for score, rank in zip(printed, ranks, strict=True)]


def _rankable(result: Result, measure: Measure) -> float:
    return math.nan if result.partial else result.scores.get(measure.name, math.nan)


def _printed(result: Result, measure: Measure, decimals: int) -> str:
    if measure.name not in result.scores:
        return NO_SCORE
    return f"{result.scores[measure.name]:.{decimals}f}"


def notes(results: Sequence[Result]) -> list[str]:
    """One line for each method that was not scored on every image, and for scores that are not defined."""
    found = []
    for result in results:
        name = printable(result.method)
        if not result.scored:
            found.append(f"No score for {name}: {_why(result)}.")
        elif result.partial:
            found.append(f"* Partial: {name}, {result.images} of {result.expected} images; {_why(result)}.")
        undefined = [measure for measure, score in result.scores.items() if math.isnan(score)]
        if undefined:
            found.append(f"Not defined on at least one image of {name}: {', '.join(undefined)}.")
    return found


def _why(result: Result) -> str:
    errors = [problem for problem in result.problems if problem.is_error]
    kinds = Counter(problem.kind for problem in errors)
    count = len(errors)
    if not count:
        return f"{result.images} of {result.expected} maps were scored"
    if set(kinds) == {"missing"}:
        return f"{count} {'map' if count == 1 else 'maps'} missing"
    if kinds.keys() <= _OF_FOLDERS:
        return f"its folder could not be used ({printable(errors[0].detail.partition(';')[0])})"
    each = ", ".join(f"{n} {printable(kind)}" for kind, n in sorted(kinds.items()))
    return f"{count} {'file' if count == 1 else 'files'} could not be used ({each})"


def conventions(report: Report) -> str:
    """The conventions that the numbers follow, in a few words.

    A protocol that bears the name of a preset but chooses otherwise is told apart.
    """
    version, protocol = printable(report.sodeval), printable(report.protocol.name)
    return f"sodeval {version}, protocol {protocol}{_departures(report.protocol)}"


def _departures(protocol: Protocol) -> str:
    preset = PRESETS.get(protocol.name)
    if preset is None:
        return ""
    usual = preset.to_json()
    changed = [f"{name} {value}" for name, value in protocol.to_json().items() if value != usual[name]]
    return f" but {', '.join(changed)}" if changed else ""
