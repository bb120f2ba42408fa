"""What a column of a table is called, and what tells it from others of its benchmark and measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..conventions import SODEVAL, UNSTATED, Column, measure_of
from .choice import family_of


def column_title(column: Column) -> str:
    """A column in one line.

    Example:
        >>> column_title(Column("ECSSD", "maxF", "usual"))
        'ECSSD maxF'
    """
    return f"{column.benchmark} {measure_of(column.measure).title}"


def told_apart(columns: Sequence[Column]) -> tuple[str, ...]:
    """Of each column its source or its masks, where those tell it from others; unknown masks always.

    Example:
        >>> told_apart([Column("SOD", "MAE", "sodeval pysodmetrics, masks cc7dd0be")])
        ('unknown masks cc7dd0be',)
    """
    heads = Counter((column.benchmark, column.measure) for column in columns)
    return tuple(_apart(column, heads[column.benchmark, column.measure] > 1) for column in columns)


def _apart(column: Column, rivals: bool) -> str:
    family = family_of(column)
    if family == SODEVAL:
        return column.told.partition(", ")[2] if rivals or column.unknown_masks else ""
    return column.convention.partition(" ")[2] if rivals or family == UNSTATED else ""
