"""Tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from sodeval.outputs.grid import aligned
from sodeval.printable import printable

from ..conventions import measure_of
from .layout import Cell, Row, Table
from .notes import SECOND_HAND, SPREAD, SUSPECT, TIED, Note, notes
from .parts import parts

_MARKS = ("", "\u00b9", "\u00b2", "\u00b3")
_LEGEND = "\u00b9 \u00b2 \u00b3 The best three of a column."


def to_text(tables: Sequence[Table], width: int | None = None) -> str:
    """Aligned columns, a grid a table, the notes of all below.

    Args:
        tables: one a benchmark; what was scored on unknown masks gets a grid of its own.
        width: of the terminal, in letters. Columns that do not fit go into a grid below.
    """
    apart = [part for table in tables for part in parts(table, lambda column: column.unknown_masks)]
    grids = [grid for part in apart for grid in _grids(part, width)]
    legend = [_LEGEND] if any(table.marked for table in tables) else []
    said = dict.fromkeys(_said(note) for table in tables for note in notes(table))
    return "\n\n".join([*grids, "\n".join([*legend, *said])]) + "\n"


def _said(note: Note) -> str:
    return printable(" ".join(filter(None, [note.mark, note.text, note.hint])))


def _grids(table: Table, width: int | None) -> list[str]:
    """One grid, or two of half the columns where it is too wide, and so on."""
    grid, columns = _grid(table), range(len(table.columns))
    if width is None or len(columns) < 2 or max(map(len, grid.splitlines())) <= width:
        return [grid]
    half = (len(columns) + 1) // 2
    return [*_grids(table.part(columns[:half]), width), *_grids(table.part(columns[half:]), width)]


def _grid(table: Table) -> str:
    head = [table.benchmarks[0][0], *_heads(table)]
    rows = []
    for block in table.blocks:
        rows += [[block.supervision, *("" for _ in table.columns)], *map(_row, block.rows)]
    return aligned(head, rows)


def _heads(table: Table) -> list[str]:
    measures = [measure_of(column.measure) for column in table.columns]
    told = zip(measures, table.tells_apart, strict=True)
    return [printable(f"{apart} {each.title}{each.arrow}".strip()) + "  " for each, apart in told]


def _row(row: Row) -> list[str]:
    return [f"  {printable(row.method.title)}", *map(_cell, row.cells)]


def _cell(cell: Cell) -> str:
    """The figure and its marks: two letters, so that the figures stand below each other."""
    return TIED * cell.tied + cell.text + signs(cell).ljust(2)


def signs(cell: Cell) -> str:
    """What stands behind a figure: its place among the best three, and daggers."""
    return _MARKS[cell.mark] + daggers(cell)


def daggers(cell: Cell) -> str:
    """What stands behind a figure that a reader must know more of."""
    second_hand = cell.figure is not None and cell.figure.second_hand
    said = {SUSPECT: cell.suspect, SPREAD: bool(cell.spread), SECOND_HAND: second_hand}
    return "".join(mark for mark, is_so in said.items() if is_so)
