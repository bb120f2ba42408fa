"""``board.js``: all that the table and the charts show, in one file that opens from the disk.

A page that lies on a disk may not fetch; a script it may run. Texts that repeat stand once, in ``texts``, and
figures name them by their places, which makes the file a quarter of the size.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sodeval.benchmarks import all_benchmarks
from sodeval.measures import STANDARD

from ..board import Board
from ..conventions import (
    ORIGINS,
    PUBLISHED,
    SECOND_HAND,
    SODEVAL,
    SUPERVISIONS,
    UNKNOWN_VARIANTS,
    USUAL,
    Column,
    explain,
    measure_of,
)
from ..figure import Figure, Method
from ..rounding import rounded
from ..standings import Standing
from .addresses import addresses_of
from .cells import published

Standings = Mapping[Column, tuple[Standing, ...]]


def board_js(board: Board, standings: Standings) -> bytes:
    """The script.

    Args:
        board: what is shown.
        standings: of each of its columns.
    """
    return script("board", board_data(board, standings))


def script(name: str, data: Any) -> bytes:
    r"""A script that sets one variable; nothing in it ends a script or is one.

    Example:
        >>> script("names", ["</script>"])
        b'globalThis.names = ["\\u003c/script>"];\n'
    """
    value = json.dumps(data, separators=(",", ":")).replace("<", r"\u003c")
    return f"globalThis.{name} = {value};\n".encode()


def board_data(board: Board, standings: Standings) -> dict[str, Any]:
    """What `board_js` holds, as dictionaries and lists.

    A figure is ``[method, value, origin, address, source, place, note, suspect, low, high]``: a place in
    ``methods``, a number of three decimals, places in ``texts``, and the bounds of its interval, if any.
    """
    pages, texts = addresses_of(board), _Texts()
    titles = list(board.methods)
    order = {title: i for i, title in enumerate(titles)}
    columns = [
        {
            "benchmark": column.benchmark,
            "measure": column.measure,
            "convention": column.convention,
            "told": column.told,
            "unknownMasks": column.unknown_masks,
            "standings": [_standing(standing, order, texts) for standing in standings[column]],
        }
        for column in board.columns
    ]
    return {
        "methods": [_method(board.methods[title][0], pages[title]) for title in titles],
        "columns": columns,
        "texts": texts.all,
        "origins": dict(ORIGINS),
        "secondHand": SECOND_HAND,
        "supervisions": list(SUPERVISIONS),
        "benchmarks": _in_order(board),
        "measures": _measures(),
        "conventions": [_convention(name) for name in _conventions(board)],
    }


class _Texts:
    """Texts, each once."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {"": 0}

    def place(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))

    @property
    def all(self) -> list[str]:
        return list(self._places)


def _method(method: Method, page: str) -> dict[str, Any]:
    return {
        "title": method.title,
        "page": page,
        "supervision": method.supervision,
        "backbone": method.backbone,
        "published": published(method),
        "year": method.year,
        "parameters": method.parameters,
    }


def _standing(standing: Standing, order: Mapping[str, int], texts: _Texts) -> list[Any]:
    figures = [_figure(figure, order, texts) for figure in (standing.figure, *standing.others)]
    return [standing.rank, int(standing.tied), figures]


def _figure(figure: Figure, order: Mapping[str, int], texts: _Texts) -> list[Any]:
    source = figure.source
    said = (figure.origin, source.url, source.title, source.place, figure.note, figure.suspect)
    interval = figure.interval
    bounds = (interval.low, interval.high) if interval else ()
    return [
        order[figure.method.title],
        rounded(figure.value),
        *map(texts.place, said),
        *map(rounded, bounds),
    ]


def _in_order(board: Board) -> list[str]:
    """The benchmarks that have figures; those with most methods first."""
    methods = {benchmark.name: set[str]() for benchmark in all_benchmarks()}
    for figure in board.figures:
        methods.setdefault(figure.benchmark, set()).add(figure.method.title)
    shown = [name for name in methods if methods[name]]
    return sorted(shown, key=lambda name: (-len(methods[name]), name))


def _measures() -> list[dict[str, str]]:
    measures = [*STANDARD.values(), *map(measure_of, UNKNOWN_VARIANTS)]
    return [
        {
            "name": measure.name,
            "title": measure.title,
            "better": measure.better,
            "arrow": measure.arrow,
            "summary": measure.summary,
        }
        for measure in measures
    ]


def _conventions(board: Board) -> list[str]:
    """The usual one, what was measured here, on known masks first, the others."""
    known = list(PUBLISHED)
    found = {column.convention: bool(column.unknown_masks) for column in board.columns}
    return sorted(
        found, key=lambda name: (name != USUAL, not _measured(name), found[name], name not in known, name)
    )


def _convention(name: str) -> dict[str, Any]:
    return {"name": name, "measured": _measured(name), "about": explain(name)}


def _measured(convention: str) -> bool:
    return convention.startswith(f"{SODEVAL} ")
