"""The curve of a run as a picture: the loss it learned from, and the error on what was held out."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sodeval.outputs.plots import COLOURS, styled

from ..errors import RunError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE_IN = (6.8, 2.4)
DPI = 160
FEW = 25
"""Points that are marked, since a line through one or two is none."""


def curve_bytes(lines: Sequence[Mapping[str, Any]], format_: str = "png") -> bytes:
    """Draws the lines of a run's ``log.jsonl``: loss, and MAE on the rows held out, against epochs.

    Args:
        lines: with ``epoch``, and ``loss`` or scores.
        format_: as matplotlib calls it.

    Raises:
        RunError: there is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not lines:
        raise RunError("the log of the run is empty; expected what training wrote: train it again")
    with styled():
        figure = Figure(figsize=SIZE_IN, layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw(left, lines, "loss", "loss on the rows learned from")
        _draw(right, lines, "MAE", "MAE on the rows held out")
        memory = io.BytesIO()
        figure.savefig(memory, format=format_, dpi=DPI, metadata=_undated(format_))
    return memory.getvalue()


def _draw(panel: Axes, lines: Sequence[Mapping[str, Any]], name: str, title: str) -> None:
    points = [(line["epoch"], line[name]) for line in lines if name in line]
    epochs, values = zip(*points, strict=True) if points else ((), ())
    dots = "o" if len(points) < FEW else ""
    panel.plot(epochs, values, color=COLOURS[0], marker=dots, markersize=3)
    panel.set(title=title, xlabel="epoch", xlim=(0, None))
    panel.grid(True)


def _undated(format_: str) -> dict[str, None] | None:
    return {"Date": None} if format_ == "svg" else None
