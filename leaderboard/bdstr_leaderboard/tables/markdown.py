"""A table as Markdown."""

from __future__ import annotations

from sodeval.outputs.grid import markdown, markdown_table
from sodeval.printable import printable

from ..conventions import measure_of
from .layout import Cell, Row, Table
from .notes import TIED, UNVERIFIED, Note, notes
from .text import daggers

_MARKS = ("{}", "**{}**", "<u>{}</u>", "*{}*")
_LEGEND = "Best three of each column: **first**, <u>second</u>, *third*."


def to_markdown(table: Table) -> str:
    """One table, a line in bold over each block; daggers as in the notes below it."""
    head = ["Method", "Year", "Backbone", *_heads(table)]
    rows = []
    for block in table.blocks:
        rows += [[f"**{block.supervision}**", *("" for _ in head[1:])], *map(_row, block.rows)]
    legend = [_LEGEND] if table.marked else []
    lines = [*legend, *map(_note, notes(table)), UNVERIFIED]
    return "\n\n".join([markdown_table(head, rows), *lines]) + "\n"


def _heads(table: Table) -> list[str]:
    over = [head for head, width in table.benchmarks for _ in range(width)]
    told = zip(table.columns, over, table.tells_apart, strict=True)
    return [
        markdown(printable(f"{head} {measure_of(column.measure).title} {apart}".strip()))
        + f" {measure_of(column.measure).arrow}"
        for column, head, apart in told
    ]


def _row(row: Row) -> list[str]:
    method = row.method
    names = [method.title, str(method.year or ""), method.backbone]
    return [*(markdown(printable(name)) for name in names), *map(_cell, row.cells)]


def _cell(cell: Cell) -> str:
    return TIED * cell.tied + _MARKS[cell.mark].format(cell.text) + daggers(cell)


def _note(note: Note) -> str:
    return markdown(printable(f"{note.mark} {note.text}".strip()))
