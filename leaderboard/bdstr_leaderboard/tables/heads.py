"""What a column of a table is called, and what tells it from others of its benchmark and measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from ..conventions import SODEVAL, UNSTATED, Column, measure_of
from .choice import family_of


def column_title(column: Column) -> str:
    """A column in one line.

    Example:
        >>> column_title(Column("ECSSD", "maxF", "usual"))
        'ECSSD maxF'
    """
    return f"{column.benchmark} {measure_of(column.measure).title}"


def spans(columns: Sequence[Column]) -> tuple[tuple[str, int], ...]:
    """The heads over the columns, a benchmark and its masks where some are unknown, and how many each spans.

    Example:
        >>> spans([Column("SOD", name, "sodeval pysodmetrics, masks cc7dd0be") for name in ("MAE", "S")])
        (('SOD, unknown masks cc7dd0be', 2),)
    """
    twofold = {column.benchmark for column in columns if column.unknown_masks}
    groups = groupby(columns, key=lambda column: _over(column, column.benchmark in twofold))
    return tuple((head, len(list(group))) for head, group in groups)


def _over(column: Column, twofold: bool) -> str:
    return f"{column.benchmark}, {column.told.partition(', ')[2]}" if twofold else column.benchmark


def told_apart(columns: Sequence[Column]) -> tuple[str, ...]:
    """Of each column what its source is, where that tells it from others; masks stand over it.

    Example:
        >>> told_apart([Column("SOD", "E", "unstated: MINet"), Column("SOD", "MAE", "usual")])
        ('MINet', '')
    """
    heads = Counter((column.benchmark, column.measure) for column in columns)
    return tuple(_apart(column, heads[column.benchmark, column.measure] > 1) for column in columns)


def _apart(column: Column, rivals: bool) -> str:
    family = family_of(column)
    apart = family == UNSTATED or (rivals and family != SODEVAL)
    return column.convention.partition(" ")[2] if apart else ""
