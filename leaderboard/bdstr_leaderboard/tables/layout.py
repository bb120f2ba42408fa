"""A part of the board laid out as a table: what all formats have in common."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bdstr.errors import UsageError

from ..board import Board
from ..conventions import SUPERVISIONS, USUAL, Column
from ..figure import Figure, Method
from ..standings import Standing, standings
from .choice import Choice, columns_of
from .heads import spans, told_apart

NOTHING = "\u2013"
"""Where a method has no figure."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A method in a column.

    Args:
        standing: what the board shows of it; None where it has no figure.
        mark: 1, 2 or 3 for the best three of the column, else 0.
    """

    standing: Standing | None = None
    mark: int = 0

    @property
    def figure(self) -> Figure | None:
        return self.standing.figure if self.standing else None

    @property
    def text(self) -> str:
        """Three decimals, or a dash."""
        return self.standing.figure.text if self.standing else NOTHING

    @property
    def suspect(self) -> bool:
        return bool(self.standing and self.standing.figure.suspect)

    @property
    def spread(self) -> tuple[float, float] | None:
        """The lowest and the highest figure, where sources disagree."""
        return self.standing.spread if self.standing else None

    @property
    def tied(self) -> bool:
        """Whether it is measured and cannot be told from a neighbour; published ones print alike."""
        return bool(self.standing and self.standing.tied and self.standing.figure.sample)

    @property
    def rank(self) -> float:
        """For sorting: what has none comes last."""
        return float((self.standing.rank if self.standing else None) or math.inf)


@dataclass(frozen=True, slots=True)
class Row:
    """A method, and its cells in the order of the columns.

    Args:
        method: what it is.
        cells: one a column.
        unknown: why it has no figure at all; empty where it has some.
    """

    method: Method
    cells: tuple[Cell, ...]
    unknown: str = ""

    def part(self, places: Sequence[int]) -> Row:
        """The same with some of its cells."""
        return replace(self, cells=tuple(self.cells[i] for i in places))


@dataclass(frozen=True, slots=True)
class Block:
    """The methods that learned from the same, the best of the first column first."""

    supervision: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that a format prints.

    Args:
        columns: the figures of each may be ranked together.
        blocks: in the order of `SUPERVISIONS`.
        left: how many methods are not shown since only the first of each block were asked for.
    """

    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]
    left: int = 0

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for block in self.blocks for row in block.rows)

    def part(self, places: Sequence[int]) -> Table:
        """The same with some of its columns."""
        blocks = tuple(
            replace(block, rows=tuple(row.part(places) for row in block.rows)) for block in self.blocks
        )
        return replace(self, columns=tuple(self.columns[i] for i in places), blocks=blocks)

    @property
    def tells_apart(self) -> tuple[str, ...]:
        """Of each column its source, where that tells it from others; else empty."""
        return told_apart(self.columns)

    @property
    def marked(self) -> bool:
        return any(cell.mark for row in self.rows for cell in row.cells)

    @property
    def benchmarks(self) -> tuple[tuple[str, int], ...]:
        """The heads over the columns, and how many columns each spans."""
        return spans(self.columns)


def lay_out(board: Board, choice: Choice) -> Table:
    """The table of a choice.

    Raises:
        UsageError: the board has no such figure.
    """
    fits = partial(_fits, board, choice)
    cells = {column: _cells(standings(board, column, fits)) for column in columns_of(board, choice)}
    columns = {column: found for column, found in cells.items() if found}
    if not columns:
        asked = ", ".join(choice.supervisions or SUPERVISIONS)
        raise UsageError(f"the board has no such figure of a method that learned from: {asked}")
    shown = _rows(board, tuple(columns.values()))
    empty = _empty_rows(board, choice, len(columns))
    blocks = [Block(name, (*shown[name][: choice.top], *empty[name])) for name in SUPERVISIONS]
    left = sum(len(rows) - len(rows[: choice.top]) for rows in shown.values())
    return Table(tuple(columns), tuple(block for block in blocks if block.rows), left)


def lay_out_each(board: Board, choice: Choice) -> tuple[Table, ...]:
    """A table a benchmark, each with the methods and in the order of its own figures."""
    fits = partial(_fits, board, choice)
    there = (column for column in columns_of(board, choice) if any(map(fits, board.columns[column])))
    names = dict.fromkeys(column.benchmark for column in there)
    if not names:
        return (lay_out(board, choice),)  # which says what is wrong
    return tuple(lay_out(board, replace(choice, benchmarks=(name,))) for name in names)


def _fits(board: Board, choice: Choice, figure: Figure) -> bool:
    """Whether it takes part: of what sodeval measured, only what the board holds the proof of."""
    supervision = board.methods[figure.method.title][0].supervision
    return (not choice.measured or figure.measured) and supervision in (choice.supervisions or SUPERVISIONS)


def _cells(placed: Sequence[Standing]) -> dict[str, Cell]:
    """By title, in order of rank."""
    rivals = sum(standing.rank is not None for standing in placed) > 1
    return {each.figure.method.title: Cell(each, _mark(each.rank) if rivals else 0) for each in placed}


def _mark(rank: int | None) -> int:
    return rank if rank is not None and rank <= 3 else 0


def _rows(board: Board, cells: Sequence[Mapping[str, Cell]]) -> dict[str, list[Row]]:
    """By supervision, each in the order of the first column."""
    titles = sorted({title for column in cells for title in column}, key=lambda title: _order(title, cells))
    rows = [
        Row(board.methods[title][0], tuple(column.get(title, Cell()) for column in cells)) for title in titles
    ]
    return {name: [row for row in rows if row.method.supervision == name] for name in SUPERVISIONS}


def _order(title: str, cells: Sequence[Mapping[str, Cell]]) -> tuple[list[float], str, str]:
    """By the ranks in the first column; where those are equal or missing, in the next."""
    return [column.get(title, Cell()).rank for column in cells], title.lower(), title


def _empty_rows(board: Board, choice: Choice, columns: int) -> dict[str, list[Row]]:
    """By supervision, of methods that a reader of papers looks for and of which there is no figure."""
    found: dict[str, list[Row]] = {name: [] for name in SUPERVISIONS}
    for unknown in board.unknown:
        method = unknown.method
        asked = choice.convention == USUAL and method.supervision in (choice.supervisions or SUPERVISIONS)
        if asked and not board.is_published(method.title):
            found[method.supervision].append(Row(method, (Cell(),) * columns, unknown.reason))
    return found
