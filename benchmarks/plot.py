"""All ratios in one picture: how many times as good, and below it how many times the cost."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure
from benchmarks.group import Group
from benchmarks.table import times
from sodeval.outputs.plots import COLOURS, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE = COLOURS[:2]
GREY = "#444444"
TICKS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100, 200)
WIDTH_IN, ROW_IN, AROUND_IN = 8.4, 0.19, 0.75
HEADINGS = {
    "gain": "times as fast, or as small, as what stands beside it: more is better",
    "cost": "times the cost of what stands beside it: less is better",
}


def plot_svg(groups: Mapping[str, Group]) -> bytes:
    """The picture, on white; equal figures give equal bytes."""
    from matplotlib.figure import Figure as Picture

    kinds = {kind: found for kind in HEADINGS if (found := of_kind(groups, kind))}
    rows = [len(found) for found in kinds.values()] or [1]
    with styled():
        size_in = (WIDTH_IN, ROW_IN * sum(rows) + AROUND_IN * len(rows))
        picture = Picture(figsize=size_in, layout="constrained")
        panels = picture.subplots(len(rows), 1, squeeze=False, height_ratios=rows)[:, 0]
        for (kind, figures), panel in zip(kinds.items(), panels, strict=False):
            _draw(panel, figures, HEADINGS[kind])
        panels[0].legend(handles=_legend(), loc="lower right")
        memory = io.BytesIO()
        said = {"Date": None, "Title": "Performance", "Description": described(groups)}
        picture.savefig(memory, format="svg", metadata=said)
    return memory.getvalue()


def of_kind(groups: Mapping[str, Group], kind: str) -> list[Figure]:
    """Those with a ratio, the best first."""
    found = [figure for group in groups.values() for figure in group.figures if figure.kind == kind]
    drawn = [figure for figure in found if figure.ratio is not None]
    return sorted(drawn, key=_ratio, reverse=kind == "gain")


def described(groups: Mapping[str, Group]) -> str:
    """What the picture shows, for those who cannot see it."""
    shown = [figure for kind in HEADINGS for figure in of_kind(groups, kind)]
    return "; ".join(f"{figure.name}: {times(_ratio(figure))}" for figure in shown)


def _ratio(figure: Figure) -> float:
    assert figure.ratio is not None
    return figure.ratio


def _draw(panel: Axes, figures: Sequence[Figure], heading: str) -> None:
    panel.set_xscale("log")
    panel.axvline(1, color="#999999", linewidth=0.8, zorder=1)
    for row, figure in enumerate(figures):
        colour = ORANGE if figure.met is False and not figure.of_value else BLUE
        panel.plot([1, _ratio(figure)], [row, row], color=colour, linewidth=1, alpha=0.4, zorder=2)
        panel.plot(_ratio(figure), row, "o", color=colour, markersize=4.5, zorder=4)
        if figure.asked is not None and not figure.of_value:
            panel.plot([figure.asked] * 2, [row - 0.4, row + 0.4], color=GREY, linewidth=1.5, zorder=3)
    names = [f"{figure.name.replace('`', '')}   {times(_ratio(figure))}" for figure in figures]
    panel.set_yticks(range(len(figures)), names)
    panel.set_ylim(len(figures) - 0.5, -0.5)
    panel.set_xlim(*_limits(figures))
    ticks = [tick for tick in TICKS if panel.get_xlim()[0] <= tick <= panel.get_xlim()[1]]
    panel.set_xticks(ticks, [f"{tick:g}x" for tick in ticks])
    panel.minorticks_off()
    panel.tick_params(axis="y", length=0)
    panel.grid(visible=True, axis="x")
    panel.set_axisbelow(True)
    panel.set_title(heading, loc="left")


def _legend() -> list[Any]:
    from matplotlib.lines import Line2D

    dots = ((BLUE, "ours"), (ORANGE, "ours, where what is asked is missed"))
    shown = [
        Line2D([], [], color=colour, marker="o", markersize=4.5, linewidth=0, label=label)
        for colour, label in dots
    ]
    asked = Line2D([], [], color=GREY, marker="|", markersize=9, markeredgewidth=1.5, linewidth=0)
    asked.set_label("asked")
    return [*shown, asked]


def _limits(figures: Iterable[Figure]) -> tuple[float, float]:
    """All ratios, all that is asked of them, and 1, with room beside them."""
    asked = [figure.asked for figure in figures if figure.asked is not None and not figure.of_value]
    values = [1.0, *map(_ratio, figures), *asked]
    return min(values) / 1.15, max(values) * 1.15
