"""An explanation as plain text, Markdown, JSON and CSV."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .._version import __version__
from ..measures import STANDARD, Measure
from ..outputs.csv_text import Cell, csv_text
from ..outputs.grid import aligned, markdown, markdown_table, signed
from ..printable import printable
from .explanation import VISIBLE, Explanation, Row, distance, movers, nearest

SCHEMA = 1
NEAREST_SHOWN = 5
NO_CHANGE = "·"

Targets = Mapping[str, float]
Table = tuple[list[str], list[list[str]]]
"""Head and rows."""


def to_text(explanation: Explanation, targets: Targets | None = None) -> str:
    """For a terminal: scores as given, below them what each change adds to them.

    Args:
        explanation: what was scored.
        targets: published scores; the conventions that come closest are named.

    Raises:
        UsageError: as `explanation.nearest`.
    """
    tables = [aligned(*table) for table in _tables(explanation, targets)]
    return "\n\n".join([_title(explanation), *tables, "\n".join(_notes(explanation, targets))]) + "\n"


def to_markdown(explanation: Explanation, targets: Targets | None = None) -> str:
    """The same in Markdown."""
    tables = [
        markdown_table([markdown(cell) for cell in head], [[markdown(cell) for cell in row] for row in rows])
        for head, rows in _tables(explanation, targets)
    ]
    notes = "\n".join(f"- {markdown(note)}" for note in _notes(explanation, targets))
    return "\n\n".join([f"### {markdown(_title(explanation))}", *tables, notes]) + "\n"


def _title(explanation: Explanation) -> str:
    who = f"{printable(explanation.method)} on {printable(explanation.benchmark)}"
    images = f"{explanation.images:,} of {explanation.available:,} images"
    return f"{who}: {images}, protocol {printable(explanation.given.variant.change)}"


def _tables(explanation: Explanation, targets: Targets | None) -> list[Table]:
    tables = [_overview(explanation)]
    if targets:
        tables.append(_closest(explanation, targets))
    return tables


def _overview(explanation: Explanation) -> Table:
    columns = list(STANDARD.values())
    given = [f"{explanation.given.scores[measure.name]:.4f}" for measure in columns]
    changes = [
        [_label(row), *(_change(row.differences[measure.name]) for measure in columns)]
        for row in explanation.rows[1:]
    ]
    return ["", *map(_head, columns)], [[_label(explanation.given), *given], *changes]


def _head(measure: Measure) -> str:
    return measure.title + measure.arrow


def _label(row: Row) -> str:
    change = printable(row.variant.change)
    return {"given": f"{change}, as given", "preset": f"preset {change}", "choice": change}[row.variant.kind]


def _change(difference: float) -> str:
    return NO_CHANGE if abs(difference) < VISIBLE else signed(difference)


def _closest(explanation: Explanation, targets: Targets) -> Table:
    rows = nearest(explanation, targets)[:NEAREST_SHOWN]
    published = ["published", *(f"{value:g}" for value in targets.values()), ""]
    return ["nearest", *(_head(STANDARD[name]) for name in targets), "off by"], [
        published,
        *(
            [_label(row), *(f"{row.scores[name]:.4f}" for name in targets), _off(row, targets)]
            for row in rows
        ),
    ]


def _off(row: Row, targets: Targets) -> str:
    return f"{distance(row, targets):.4f}"


def _notes(explanation: Explanation, targets: Targets | None) -> list[str]:
    return [
        f"Scores as given, then what each change adds to them; {NO_CHANGE} is less than four decimals show.",
        *_conclusions(explanation),
        *_cautions(explanation, targets),
    ]


def _conclusions(explanation: Explanation) -> list[str]:
    """Which single choice moves which measure most."""
    moved: dict[str, list[str]] = {}
    for name, row in movers(explanation).items():
        title = STANDARD[name].title
        change = row.variant.change if row else ""
        moved.setdefault(change, []).append(f"{title} {signed(row.differences[name])}" if row else title)
    still = moved.pop("", [])
    lines = [f"Most moved by {change}: {', '.join(measures)}." for change, measures in moved.items()]
    return [*lines, f"Moved by no single choice: {', '.join(still)}."] if still else lines


def _cautions(explanation: Explanation, targets: Targets | None) -> list[str]:
    cautions = []
    if explanation.seed is not None:
        cautions.append(f"The images are a sample, drawn with seed {explanation.seed}.")
    if targets and explanation.images < explanation.available:
        cautions.append("A published score is one of all images: score all to compare with it.")
    if explanation.problems:
        count, first = len(explanation.problems), explanation.problems[0]
        cautions.append(
            f"Files that could not be used: {count:,}, the first {printable(first.file)}: "
            f"{printable(first.detail)}."
        )
    return cautions


def to_json(explanation: Explanation, targets: Targets | None = None) -> dict[str, Any]:
    """Dictionaries, lists, strings and numbers at full precision; what is not defined is None.

    With targets, ``nearest`` lists the rows by how close they come, as places in ``rows``.

    Raises:
        UsageError: as `explanation.nearest`.
    """
    values: dict[str, Any] = {
        "schema": SCHEMA,
        "sodeval": __version__,
        "method": explanation.method,
        "benchmark": explanation.benchmark,
        "images": explanation.images,
        "available": explanation.available,
        "seed": explanation.seed,
        "rows": [_row_to_json(row) for row in explanation.rows],
        "problems": [problem.to_json() for problem in explanation.problems],
    }
    if targets:
        values["targets"] = dict(targets)
        values["nearest"] = [
            {"row": explanation.rows.index(row), "distance": _number(distance(row, targets))}
            for row in nearest(explanation, targets)
        ]
    return values


def _row_to_json(row: Row) -> dict[str, Any]:
    return {
        "kind": row.variant.kind,
        "change": row.variant.change,
        "protocol": row.variant.protocol.to_json(),
        "scores": {name: _number(score) for name, score in row.scores.items()},
        "differences": {name: _number(difference) for name, difference in row.differences.items()},
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def to_csv(explanation: Explanation, targets: Targets | None = None) -> str:
    """One row a set of conventions, with the scores at full precision; with targets, how far it is off."""
    header = [
        "method",
        "benchmark",
        "images",
        "kind",
        "change",
        *STANDARD,
        *(["distance"] if targets else []),
    ]
    return csv_text(header, (_csv_row(row, explanation, targets) for row in explanation.rows))


def _csv_row(row: Row, explanation: Explanation, targets: Targets | None) -> list[Cell]:
    who: list[Cell] = [explanation.method, explanation.benchmark, explanation.images]
    scores = [row.scores[name] for name in STANDARD]
    off = [distance(row, targets)] if targets else []
    return [*who, row.variant.kind, row.variant.change, *scores, *off]
