"""The legend below the panels: in as many columns as have room, and nothing of a name cut off."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

from ..printable import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EntryT = TypeVar("EntryT")
Size = Literal["legend.fontsize", "axes.titlesize"]
"""Which of matplotlib's settings says how large letters are."""


@dataclass(frozen=True, slots=True)
class Legend:
    """What stands where.

    Args:
        labels: the methods' names, one an entry; on several lines where one is wider than the figure.
        columns: how many entries stand side by side.
    """

    labels: tuple[str, ...]
    columns: int

    @property
    def lines(self) -> int:
        """How high it is."""
        heights = [label.count("\n") + 1 for label in self.labels]
        return max(map(sum, _split(heights, self.columns)))


def fit_legend(names: Sequence[str], width_pt: float, most: int) -> Legend:
    """The legend of these names, in rows as even as can be.

    Args:
        names: of the methods.
        width_pt: of the figure.
        most: columns, however short the names are.
    """
    labels = tuple(map(printable, names))
    widths = [text_width_pt(label) for label in labels]
    for wanted in range(min(most, len(labels)), 0, -1):
        columns = math.ceil(len(labels) / math.ceil(len(labels) / wanted))
        if _legend_width_pt(widths, columns) <= width_pt:
            return Legend(labels, columns)
    room_pt = width_pt - _legend_width_pt([0.0], 1)
    return Legend(tuple(wrapped(label, room_pt) for label in labels), 1)


def add_legend(figure: Figure, legend: Legend, styles: Sequence[Mapping[str, Any]]) -> None:
    """Draws it below the panels.

    Args:
        figure: whose.
        legend: its entries.
        styles: of their lines.
    """
    from matplotlib.lines import Line2D

    if not styles:
        return
    lines = [Line2D([], [], **style) for style in styles]
    drawn = figure.legend(lines, ["-"] * len(lines), loc="outside lower center", ncols=legend.columns)
    for text, label in zip(drawn.get_texts(), legend.labels, strict=True):
        text.set_parse_math(False)  # a dollar sign is a dollar sign
        text.set_text(label)  # not when made: a name that begins with _ would be dropped


def wrapped(text: str, width_pt: float, size: Size = "legend.fontsize") -> str:
    """The text on as many lines as it takes, broken anywhere where no space is near: names have few.

    Args:
        text: on one line.
        width_pt: of the longest line that has room.
        size: of its letters.
    """
    lines, line = [], ""
    for char in text:
        if line and text_width_pt(line + char, size) > width_pt:
            space = line.rfind(" ") + 1
            cut = space if 2 * space > len(line) else len(line)
            lines.append(line[:cut].rstrip())
            line = line[cut:]
        line += char
    return "\n".join([*lines, line])


def text_width_pt(text: str, size: Size = "legend.fontsize") -> float:
    """How wide one line is in the font of the figures."""
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a letter that the font lacks becomes a box
        font = FontProperties(size=mpl.rcParams[size])
        return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def _legend_width_pt(widths_pt: Sequence[float], columns: int) -> float:
    """As matplotlib lays it out: its settings are in units of the font's size."""
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties

    sizes = mpl.rcParams
    font_pt = FontProperties(size=sizes["legend.fontsize"]).get_size_in_points()
    entry = sizes["legend.handlelength"] + sizes["legend.handletextpad"]
    around = 2 * (sizes["legend.borderpad"] + sizes["legend.borderaxespad"])
    spaces = around + columns * entry + (columns - 1) * sizes["legend.columnspacing"]
    return sum(max(part) for part in _split(widths_pt, columns)) + float(spaces * font_pt)


def _split(entries: Sequence[EntryT], columns: int) -> list[list[EntryT]]:
    """Into columns, one filled after the other, as matplotlib does."""
    return [[entries[place] for place in part] for part in np.array_split(range(len(entries)), columns)]
