"""How much a convention moves a score: measured on real maps, on entries, and between published tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import combinations
from statistics import median
from typing import Any

from ..board import Board
from ..standings import Standing
from .board_js import Standings


@dataclass(frozen=True, slots=True)
class Change:
    """What one choice adds to each score.

    Args:
        kind: ``preset`` or ``choice``.
        change: what is chosen otherwise.
        differences: measure -> what it adds.
    """

    kind: str
    change: str
    differences: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Explained:
    """One method's maps under many conventions, as ``sodeval explain`` printed it.

    Args:
        command: that made it.
        sodeval: the version that ran.
        method: whose maps.
        benchmark: as sodeval calls it.
        images: all of it.
        protocol: the one that is changed.
        scores: under that protocol.
        changes: what others add.
    """

    command: str
    sodeval: str
    method: str
    benchmark: str
    images: int
    protocol: str
    scores: Mapping[str, float]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """The same methods on the same benchmark, in tables of two conventions.

    Args:
        benchmark: as sodeval calls it.
        measure: key of a measure.
        conventions: the two.
        differences: second less first, a method each, sorted.
    """

    benchmark: str
    measure: str
    conventions: tuple[str, str]
    differences: tuple[float, ...]

    @property
    def middle(self) -> float:
        return median(self.differences)


def explained() -> Explained:
    """What comes with bdstr."""
    read: dict[str, Any] = json.loads((resources.files(__package__) / "effects.json").read_text("utf-8"))
    changes = tuple(Change(**row) for row in read.pop("rows"))
    return Explained(**read, changes=changes)


def gaps(board: Board, standings: Standings) -> Iterator[Gap]:
    """Every pair of conventions under which three methods or more stand on one benchmark."""
    alike: dict[tuple[str, str], list[str]] = {}
    for column in board.columns:
        alike.setdefault((column.benchmark, column.measure), []).append(column.convention)
    values = {
        (column.benchmark, column.measure, column.convention): _values(found)
        for column, found in standings.items()
    }
    for (benchmark, measure), conventions in alike.items():
        for a, b in combinations(sorted(conventions, key=lambda name: name != "usual"), 2):
            first, second = values[benchmark, measure, a], values[benchmark, measure, b]
            both = sorted(second[name] - first[name] for name in first.keys() & second.keys())
            if len(both) >= 3:
                yield Gap(benchmark, measure, (a, b), tuple(both))


def _values(found: tuple[Standing, ...]) -> dict[str, float]:
    return {one.figure.method.title: one.figure.value for one in found if one.rank is not None}
