"""What a table is to show."""

from __future__ import annotations

from dataclasses import dataclass

from bdstr.errors import UsageError
from sodeval.benchmarks import all_benchmarks, find_benchmark
from sodeval.errors import did_you_mean
from sodeval.measures import STANDARD

from ..board import Board
from ..conventions import SODEVAL, UNKNOWN_VARIANTS, UNSTATED, USUAL, Column, measure_of

_MEASURES = (*STANDARD, *UNKNOWN_VARIANTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A part of the board.

    Args:
        benchmarks: as sodeval calls them, in the order of the table; empty for all, by name.
        measures: their keys, in the order of the table; empty for all, in sodeval's order.
        supervisions: keys of `SUPERVISIONS`; empty for all.
        convention: key of `PUBLISHED`, or `SODEVAL` for what sodeval measured: one, since figures of two
            are never ranked together.
        top: how many methods a block shows; None for all.
    """

    benchmarks: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    supervisions: tuple[str, ...] = ()
    convention: str = USUAL
    top: int | None = None

    @property
    def measured(self) -> bool:
        return self.convention == SODEVAL


def named_benchmark(name: str) -> str:
    """How sodeval calls a benchmark.

    Raises:
        UsageError: there is none; names the nearest.

    Example:
        >>> named_benchmark("duts_test")
        'DUTS-TE'
    """
    benchmark = find_benchmark(name)
    if benchmark is None:
        known = [each.name for each in all_benchmarks()]
        raise UsageError(f"unknown benchmark {name!r}{did_you_mean(name, known)}")
    return benchmark.name


def columns_of(board: Board, choice: Choice) -> tuple[Column, ...]:
    """The columns of a table, in its order.

    Raises:
        UsageError: the board has no such figure; says what it has.
    """
    found = [column for column in board.columns if _fits(column, choice)]
    if not found:
        raise UsageError(_nothing(board, choice))
    benchmarks = choice.benchmarks or tuple(sorted({column.benchmark for column in found}))
    measures = choice.measures or _MEASURES

    def place(column: Column) -> tuple[int, str, int, str]:
        """Of a benchmark first what was scored on its known masks: it decides the order of the rows."""
        at = benchmarks.index(column.benchmark), column.unknown_masks
        return *at, _place(measures, column.measure), column.convention

    return tuple(sorted(found, key=place))


def family_of(column: Column) -> str:
    """Which conventions a column's is one of: what `Choice.convention` names.

    Example:
        >>> family_of(Column("ECSSD", "E", "unstated: MINet")), family_of(Column("ECSSD", "E", "usual"))
        ('unstated', 'usual')
    """
    for family, start in ((UNSTATED, f"{UNSTATED}: "), (SODEVAL, f"{SODEVAL} ")):
        if column.convention.startswith(start):
            return family
    return column.convention


def _fits(column: Column, choice: Choice) -> bool:
    return (
        family_of(column) == choice.convention
        and (not choice.benchmarks or column.benchmark in choice.benchmarks)
        and (not choice.measures or column.measure in choice.measures)
    )


def _place(measures: tuple[str, ...], measure: str) -> int:
    return measures.index(measure) if measure in measures else len(measures)


def _nothing(board: Board, choice: Choice) -> str:
    asked = ", ".join(choice.benchmarks) or "any benchmark"
    of = ", ".join(measure_of(name).title for name in choice.measures) or "any measure"
    there = sorted(
        {
            family_of(column)
            for column in board.columns
            if (not choice.benchmarks or column.benchmark in choice.benchmarks)
            and (not choice.measures or column.measure in choice.measures)
        }
    )
    has = f"it has some under {', '.join(there)}" if there else "nor under another convention"
    return f"the board has no figure of {of} on {asked} under the convention {choice.convention}; {has}"
