"""A table in parts that have methods of their own, so that none is half empty."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from ..conventions import Column
from .layout import Block, Row, Table


def parts(table: Table, by: Callable[[Column], Hashable]) -> tuple[Table, ...]:
    """The columns that have the same in common, each with the methods and in the order of its own figures.

    Args:
        table: one that has nothing to part stays as it is.
        by: what columns have in common.
    """
    places: dict[Hashable, list[int]] = {}
    for i, column in enumerate(table.columns):
        places.setdefault(by(column), []).append(i)
    return tuple(_filled(table.part(each)) for each in places.values()) if len(places) > 1 else (table,)


def _filled(table: Table) -> Table:
    blocks = [Block(block.supervision, _rows(block)) for block in table.blocks]
    return replace(table, blocks=tuple(block for block in blocks if block.rows))


def _rows(block: Block) -> tuple[Row, ...]:
    rows = [row for row in block.rows if any(cell.standing for cell in row.cells)]
    return tuple(sorted(rows, key=lambda row: [cell.rank for cell in row.cells]))
