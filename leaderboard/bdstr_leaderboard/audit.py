"""What a reader of the board should look at twice: where sources disagree, what was decided of figures."""

from __future__ import annotations

from dataclasses import dataclass

from .amendments import Amended
from .board import Board
from .conventions import Column
from .figure import Figure
from .published import LeftOut
from .standings import standings


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Figures of one method in one column, which differ beyond rounding.

    Args:
        column: what they are of, under one convention.
        figures: the lowest first; those that may be misprinted are none of them.
    """

    column: Column
    figures: tuple[Figure, ...]

    @property
    def lowest(self) -> Figure:
        return self.figures[0]

    @property
    def highest(self) -> Figure:
        return self.figures[-1]

    @property
    def size(self) -> float:
        """How far they are apart."""
        return self.highest.value - self.lowest.value


@dataclass(frozen=True, slots=True)
class Beside:
    """A measured figure, and what was published of the same method, benchmark and measure, however scored."""

    measured: Figure
    published: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What is there to look at.

    Args:
        disagreements: the largest first.
        least: the size from which they are listed.
        nearer: how many are smaller.
        suspects: figures that may be misprinted.
        amended: figures that were removed or corrected.
        measured: each measured figure beside published ones.
        left_out: what the board does not show.
    """

    disagreements: tuple[Disagreement, ...]
    least: float
    nearer: int
    suspects: tuple[Figure, ...]
    amended: tuple[Amended, ...]
    measured: tuple[Beside, ...]
    left_out: tuple[LeftOut, ...]


def audit(board: Board, least: float) -> Audit:
    """Everything that there is to look at.

    Args:
        board: what is looked at.
        least: how far figures must be apart to be listed, 0 to 1.
    """
    found = sorted(
        _disagreements(board), key=lambda each: (-each.size, each.lowest.method.title, each.column)
    )
    listed = tuple(each for each in found if each.size > least - 1e-9)
    return Audit(
        disagreements=listed,
        least=least,
        nearer=len(found) - len(listed),
        suspects=tuple(figure for figure in board.figures if figure.suspect),
        amended=board.amended,
        measured=_measured(board),
        left_out=board.left_out,
    )


def _disagreements(board: Board) -> list[Disagreement]:
    placed = ((column, each) for column in board.columns for each in standings(board, column))
    return [Disagreement(column, each.sound) for column, each in placed if each.spread]


def _measured(board: Board) -> tuple[Beside, ...]:
    published: dict[tuple[str, str, str], list[Figure]] = {}
    for figure in board.figures:
        if not figure.measured:
            published.setdefault(_of(figure), []).append(figure)
    return tuple(
        Beside(figure, tuple(published.get(_of(figure), ()))) for figure in board.figures if figure.measured
    )


def _of(figure: Figure) -> tuple[str, str, str]:
    return figure.method.title, figure.benchmark, figure.measure
