"""A table as CSV or JSON: one line or object a figure, with everything that is known of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sodeval.outputs.csv_text import Cell as Value
from sodeval.outputs.csv_text import csv_text

from ..figure import Figure, Method
from ..rounding import three
from .layout import Row, Table

HEAD = (
    *("supervision", "method", "variant", "year", "venue", "backbone", "parameters", "train_set", "checked"),
    *("benchmark", "measure", "convention", "value", "rank", "tied"),
    *("origin", "source", "source_url", "source_place"),
    *("lowest", "highest", "interval_low", "interval_high", "suspect", "note"),
)

NUMBERS = ("value", "lowest", "highest", "interval_low", "interval_high")
"""Columns that hold a figure with three decimals."""


def to_csv(table: Table) -> str:
    """Figures with three decimals, and with their sources.

    ``checked`` says whether whoever measured the method vouches for its year, backbone and so on; else they
    are general knowledge where the source is silent.
    ``lowest`` and ``highest`` are those of sources that disagree within the convention, ``interval_low`` and
    ``interval_high`` the 95 % interval of measured ones. Of a method without any figure the note says why.
    """
    return csv_text(HEAD, (line for row in table.rows for line in _lines(row, table)))


def to_json(table: Table) -> str:
    """The columns of `to_csv` as a list of objects: numbers as such, and null where nothing is known."""
    lines = (line for row in table.rows for line in _lines(row, table))
    figures = [dict(zip(HEAD, map(_typed, HEAD, line), strict=True)) for line in lines]
    return json.dumps(figures, indent=2, ensure_ascii=False) + "\n"


def _typed(column: str, value: Value) -> Value | bool | None:
    if value == "":
        return None
    if column in ("checked", "tied"):
        return value == "true"
    return float(value) if column in NUMBERS else value


def _lines(row: Row, table: Table) -> Iterator[list[Value]]:
    for column, cell in zip(table.columns, row.cells, strict=True):
        start = [*_who(row.method), column.benchmark, column.measure, column.convention]
        if cell.standing is not None:
            rank, tied = cell.standing.rank or "", cell.standing.tied
            yield [*start, *_figure(cell.standing.figure, rank, tied, cell.spread)]
        elif row.unknown:
            yield [*start, *("" for _ in HEAD[len(start) : -1]), row.unknown]


def _who(method: Method) -> list[Value]:
    about = [method.year, method.venue, method.backbone, method.parameters, method.train_set]
    return [
        method.supervision,
        method.name,
        method.variant,
        *("" if each is None else each for each in about),
        str(method.checked).lower(),
    ]


def _figure(figure: Figure, rank: int | str, tied: bool, spread: tuple[float, float] | None) -> list[Value]:
    interval = figure.interval
    return [
        three(figure.value),
        *(rank, str(tied).lower()),
        *(figure.origin, figure.source.title, figure.source.url, figure.source.place),
        *(map(three, spread) if spread else ("", "")),
        *((three(interval.low), three(interval.high)) if interval else ("", "")),
        *(figure.suspect, figure.note),
    ]
