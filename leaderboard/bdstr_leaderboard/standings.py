"""Who is ahead: within one column, with ties where the difference cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .board import Board
from .conventions import ORIGINS, Column, measure_of
from .figure import Figure

ROUNDING = 0.001
"""Figures nearer than this may be the same one, rounded here and cut off there."""

_PREFERENCE = {origin: i for i, origin in enumerate(ORIGINS)}


@dataclass(frozen=True, slots=True)
class Standing:
    """A method in a column.

    Args:
        figure: what is shown of it.
        others: other figures of it in the same column, where sources differ or repeat it.
        rank: 1 for the best; None where the figure is suspect.
        tied: whether it cannot be told from the neighbour before or after it.
    """

    figure: Figure
    others: tuple[Figure, ...]
    rank: int | None
    tied: bool = False

    @property
    def sound(self) -> tuple[Figure, ...]:
        """All figures of it that nothing speaks against, the lowest first."""
        figures = [each for each in (self.figure, *self.others) if not each.suspect]
        return tuple(sorted(figures, key=lambda figure: figure.value))

    @property
    def spread(self) -> tuple[float, float] | None:
        """The lowest and the highest figure of it, where they differ beyond rounding."""
        sound = self.sound if self.others else ()
        if not sound:
            return None
        low, high = sound[0].value, sound[-1].value
        return (low, high) if high - low > ROUNDING - 1e-9 else None


def standings(
    board: Board, column: Column, fits: Callable[[Figure], bool] = lambda _: True
) -> tuple[Standing, ...]:
    """The methods of a column, the best first.

    Figures that print alike share their rank. Measured ones share it, too, with the first of that rank where
    the difference over the same images cannot be told from chance: none is as good as one that is ahead of it
    beyond chance. Suspect ones come last, without a rank.

    Args:
        board: everything.
        column: what is ranked.
        fits: which figures take part.
    """
    methods = _by_method(filter(fits, board.columns[column]))
    chosen = sorted((_choose(board, each) for each in methods), key=_by_title)
    sign = 1 if measure_of(column.measure).better == "lower" else -1
    sound = sorted((each for each in chosen if not each[0].suspect), key=lambda each: sign * each[0].value)
    figures = [figure for figure, _ in sound]
    placed = [
        Standing(figure, others, rank, tied)
        for (figure, others), rank, tied in zip(sound, _ranks(figures), _ties(figures), strict=True)
    ]
    return (*placed, *(Standing(figure, others, None) for figure, others in chosen if figure.suspect))


def _by_title(chosen: tuple[Figure, tuple[Figure, ...]]) -> tuple[str, str]:
    title = chosen[0].method.title
    return title.lower(), title


def _by_method(figures: Iterable[Figure]) -> list[list[Figure]]:
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        found.setdefault(figure.method.title, []).append(figure)
    return list(found.values())


def _choose(board: Board, figures: Sequence[Figure]) -> tuple[Figure, tuple[Figure, ...]]:
    """The figure whose origin is preferred; among equals, of the source with the most figures."""
    ordered = sorted(
        figures,
        key=lambda figure: (
            bool(figure.suspect),
            _PREFERENCE[figure.origin],
            -board.weight_of(figure.source),
            figure.source.url,
            figure.source.place,
        ),
    )
    return ordered[0], tuple(ordered[1:])


def _ranks(figures: Sequence[Figure]) -> list[int]:
    """As in sports: after two firsts comes a third."""
    ranks: list[int] = []
    for i, figure in enumerate(figures):
        shared = i and (figures[i - 1].text == figure.text or _level(figures[ranks[-1] - 1], figure))
        ranks.append(ranks[-1] if shared else i + 1)
    return ranks


def _ties(figures: Sequence[Figure]) -> list[bool]:
    """Whether each is level with the one before or after it."""
    level = [_level(ahead, behind) for ahead, behind in pairwise(figures)]
    return [any(level[max(0, i - 1) : i + 1]) for i in range(len(figures))]


def _level(ahead: Figure, behind: Figure) -> bool:
    """Whether nothing tells two figures of a column apart."""
    if ahead.text == behind.text:
        return True
    if ahead.sample is None or behind.sample is None:
        return False
    return ahead.sample.level_with(behind.sample)
