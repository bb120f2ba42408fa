"""Curves as vector graphics: precision against recall, F and E against the threshold."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..printable import printable
from ..report import Report, Result
from .curves_npz import curve_thresholds
from .legend import add_legend, fit_legend, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00")
"""Okabe and Ito, "Color Universal Design" (2008), without the two that are faint on white."""
_DASHES: tuple[Any, ...] = ("-", (0, (4, 1.6)), (0, (1, 1.2)))
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.2,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "legend.handlelength": 2.2,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "svg.hashsalt": "sodeval",  # the same ids in every run
    "svg.fonttype": "path",  # the same letters on every machine
}


_PANEL_IN = (3.4, 2.6)
"""Inches: the width of a column in most proceedings."""
_POINTS_AN_INCH = 72
_TITLE_PT = 0.8 * _PANEL_IN[0] * _POINTS_AN_INCH
"""The width of a panel without what stands beside its vertical axis."""


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn against what.

    Args:
        title: of the whole figure, for those who cannot see it.
        x: the curve on the horizontal axis; None is the threshold.
        y: the curve on the vertical axis.
        labels: of the two axes.
    """

    title: str
    x: str | None
    y: str
    labels: tuple[str, str]


PR = Plot("Precision against recall", "recall", "precision", ("Recall", "Precision"))
F = Plot("F-measure against threshold", None, "F", ("Threshold", "F-measure"))
E = Plot("E-measure against threshold", None, "E", ("Threshold", "E-measure"))
FILES: Mapping[str, Plot] = {"pr.svg": PR, "f.svg": F, "e.svg": E}


def plot_svg(report: Report, plot: Plot) -> str:
    """The figure as SVG: on white, without need of fonts, the same bytes for equal reports."""
    with styled():
        memory = io.StringIO()
        draw(report, plot).savefig(memory, format="svg", metadata={"Date": None, "Title": plot.title})
    return memory.getvalue()


def plot_bytes(report: Report, plot: Plot, format_: str) -> bytes:
    """The figure as ``svg``, ``png`` (300 dpi) or ``pdf``."""
    if format_ == "svg":
        return plot_svg(report, plot).encode()
    with styled():
        memory = io.BytesIO()
        draw(report, plot).savefig(memory, format=format_, dpi=300, metadata={"Title": plot.title})
    return memory.getvalue()


@contextmanager
def styled() -> Iterator[None]:
    """Figures drawn inside look alike, whatever a user's matplotlibrc says."""
    import matplotlib as mpl

    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a letter that the font lacks becomes a box
        yield


def draw(report: Report, plot: Plot) -> Figure:
    """A panel a benchmark, up to three in a row, and one legend below them."""
    from matplotlib.figure import Figure

    benchmarks = report.benchmarks
    columns = min(3, max(1, len(benchmarks)))
    rows = max(1, math.ceil(len(benchmarks) / columns))
    styles = _styles(report)
    width_in = _PANEL_IN[0] * columns
    legend = fit_legend(tuple(styles), width_in * _POINTS_AN_INCH, most=3 * columns)
    size_in = (width_in, _PANEL_IN[1] * rows + 0.17 * legend.lines)
    figure = Figure(figsize=size_in, layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for benchmark, panel in zip(benchmarks, panels, strict=False):
        _draw_panel(panel, plot, benchmark, report, styles)
    for panel in panels[len(benchmarks) :]:
        panel.set_axis_off()
    add_legend(figure, legend, tuple(styles.values()))
    return figure


def _styles(report: Report) -> dict[str, dict[str, Any]]:
    """A colour and a dash for each method that has curves: the same in every panel and every figure."""
    methods = dict.fromkeys(result.method for result in report.results if _drawable(result))
    return {
        method: {
            "color": COLOURS[i % len(COLOURS)],
            "linestyle": _DASHES[i // len(COLOURS) % len(_DASHES)],
        }
        for i, method in enumerate(methods)
    }


def _drawable(result: Result) -> bool:
    return result.scored and result.curves is not None


def _draw_panel(panel: Axes, plot: Plot, benchmark: str, report: Report, styles: Mapping[str, Any]) -> None:
    drawn = [result for result in report.of(benchmark) if _drawable(result)]
    thresholds = curve_thresholds(report.protocol)
    for result in drawn:
        curves = result.curves or {}
        panel.plot(thresholds if plot.x is None else curves[plot.x], curves[plot.y], **styles[result.method])
    if plot.x is None:
        panel.set(xlim=(0, 255), xticks=(0, 64, 128, 192, 255))
    else:
        panel.set(xlim=(0, 1))
    panel.set(ylim=(_bottom(plot, drawn), 1), xlabel=plot.labels[0], ylabel=plot.labels[1])
    panel.grid(visible=True)
    panel.set_title(_headline(benchmark, drawn), loc="left", parse_math=False)


def _bottom(plot: Plot, drawn: Sequence[Result]) -> float:
    """Where the vertical axis begins: below all but the last thresholds, at which every pixel is salient."""
    if not drawn:
        return 0.0
    points = np.concatenate([(result.curves or {})[plot.y] for result in drawn])
    return min(0.9, math.floor(float(np.nanquantile(points, 0.03)) * 10) / 10)


def _headline(benchmark: str, drawn: Sequence[Result]) -> str:
    if not drawn:
        return f"{printable(benchmark)}: no curves"
    partial = [f"* {printable(r.method)}: {r.images} of {r.expected} images" for r in drawn if r.partial]
    return "\n".join(wrapped(line, _TITLE_PT, "axes.titlesize") for line in [printable(benchmark), *partial])
