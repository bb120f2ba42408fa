"""A report as a table: plain text, Markdown, LaTeX, CSV, pandas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..report import Report, Result
from .csv_text import csv_text
from .grid import aligned, markdown, markdown_table
from .latex import to_latex
from .layout import Cell, Row, Table, columns_of, conventions, lay_out

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_csv", "to_latex", "to_markdown", "to_pandas", "to_text"]

_MARKS = ("{}", "**{}**", "<u>{}</u>", "*{}*")
_LEGEND = "Best three of each column: **first**, <u>second</u>, *third*."


def to_text(report: Report, columns: int | None = None) -> str:
    """Aligned columns for a terminal, four decimals, a block a benchmark.

    Args:
        report: what is told.
        columns: how wide the terminal is. Where a row a method does not fit, each measure has a row.
    """
    blocks = [_text_block(table, columns) for table in lay_out(report, decimals=4)]
    return "\n\n".join([*blocks, conventions(report)]) + "\n"


def _text_block(table: Table, columns: int | None) -> str:
    head = [f"{table.benchmark} ({table.images})", *(f"{m.title}{m.arrow}" for m in table.columns)]
    rows = [[_starred(row), *(cell.text for cell in row.cells)] for row in table.rows]
    grid = aligned(head, rows)
    if columns is not None and max(map(len, grid.splitlines())) > columns:
        head, *rows = (list(cells) for cells in zip(head, *rows, strict=True))
        grid = aligned(head, rows)
    return "\n".join([grid, *table.notes])


def _starred(row: Row) -> str:
    return row.name + (" *" if row.partial else "")


def to_markdown(report: Report) -> str:
    """A table a benchmark, three decimals: first **bold**, second underlined, third *italic*."""
    tables = lay_out(report, decimals=3)
    legend = [_LEGEND] if any(table.marked for table in tables) else []
    return "\n\n".join([*map(_markdown_block, tables), *legend, markdown(conventions(report))]) + "\n"


def _markdown_block(table: Table) -> str:
    title = f"### {markdown(table.benchmark)} ({table.images} images)"
    head = ["Method", *(f"{measure.title} {measure.arrow}" for measure in table.columns)]
    rows = [[markdown(_starred(row)), *map(_markdown_cell, row.cells)] for row in table.rows]
    return "\n".join(
        [title, "", markdown_table(head, rows), *(f"\n{markdown(note)}" for note in table.notes)]
    )


def _markdown_cell(cell: Cell) -> str:
    return _MARKS[cell.mark].format(cell.text)


def to_csv(report: Report) -> str:
    """One row a method and benchmark at full precision; where there is no score the cell is empty."""
    measures = _measures(report)
    rows = ([*_who(result), *(result.scores.get(name, "") for name in measures)] for result in report.results)
    return csv_text([*_WHO, *measures], rows)


def to_pandas(report: Report) -> pd.DataFrame:
    """One row a method and benchmark at full precision; where there is no score the value is NaN."""
    import pandas as pd

    measures = _measures(report)
    rows = [
        [*_who(result), *(result.scores.get(name, math.nan) for name in measures)]
        for result in report.results
    ]
    return pd.DataFrame(rows, columns=[*_WHO, *measures])


_WHO = ("benchmark", "method", "images", "expected", "partial")


def _who(result: Result) -> tuple[str, str, int, int, bool]:
    return result.benchmark, result.method, result.images, result.expected, result.partial


def _measures(report: Report) -> list[str]:
    return [measure.name for measure in columns_of(report)]
