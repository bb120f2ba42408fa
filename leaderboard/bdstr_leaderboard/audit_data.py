"""An audit for programs: CSV and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sodeval.outputs.csv_text import Cell, csv_text

from .audit import Audit
from .figure import Figure
from .rounding import rounded, three

HEAD = (
    *("finding", "method", "benchmark", "measure", "value", "convention", "origin"),
    *("source", "source_url", "source_place", "reason"),
)


def to_csv(audit: Audit) -> str:
    """A line a figure; those of one disagreement stand together."""
    return csv_text(HEAD, _csv_rows(audit))


def to_json(audit: Audit) -> dict[str, Any]:
    """Dictionaries, lists, strings and numbers."""
    return {
        "least": audit.least,
        "nearer": audit.nearer,
        "disagreements": [
            {"size": rounded(each.size), "figures": [_figure_to_json(figure) for figure in each.figures]}
            for each in audit.disagreements
        ],
        "suspects": [_figure_to_json(each) | {"reason": each.suspect} for each in audit.suspects],
        "amended": [
            _figure_to_json(each.was)
            | {"action": each.amendment.action, "date": each.amendment.date, "reason": each.amendment.reason}
            for each in audit.amended
        ],
        "measured": [
            _figure_to_json(each.measured) | {"published": [_figure_to_json(one) for one in each.published]}
            for each in audit.measured
        ],
        "left_out": [{"place": each.place, "reason": each.reason} for each in audit.left_out],
    }


def _csv_rows(audit: Audit) -> Iterator[list[Cell]]:
    for disagreement in audit.disagreements:
        for figure in disagreement.figures:
            yield _csv_row("disagreement", figure, f"{three(disagreement.size)} apart")
    for figure in audit.suspects:
        yield _csv_row("suspect", figure, figure.suspect)
    for each in audit.amended:
        yield _csv_row(each.amendment.action, each.was, each.amendment.reason)
    for beside in audit.measured:
        yield _csv_row("measured", beside.measured, "")
        for figure in beside.published:
            yield _csv_row("published beside", figure, "")
    for left in audit.left_out:
        yield ["left out", *("" for _ in HEAD[1:-2]), left.place, left.reason]


def _csv_row(finding: str, figure: Figure, reason: str) -> list[Cell]:
    return [finding, *(str(value) for value in _figure_to_json(figure).values()), reason]


def _figure_to_json(figure: Figure) -> dict[str, str | float]:
    return {
        "method": figure.method.title,
        "benchmark": figure.benchmark,
        "measure": figure.measure,
        "value": rounded(figure.value),
        "convention": figure.column.convention,
        "origin": figure.origin,
        "source": figure.source.title,
        "source_url": figure.source.url,
        "source_place": figure.source.place,
    }
