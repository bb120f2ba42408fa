"""Draws the pictures of docs/conventions.md from the demo's photographs, by sodeval's own functions.

Run it with ``.venv/bin/python docs/convention_pictures.py``; it takes about half a minute.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from sodeval.analysis.explanation import Explanation, explain
from sodeval.curves import confusions
from sodeval.demo.files import DemoFolders, write_demo
from sodeval.evaluation import Options, evaluate_pairings
from sodeval.ground_truth import binarise, prepare
from sodeval.inputs.pairing import Pairing, pair
from sodeval.inputs.resizing import resize_to
from sodeval.levels import scale
from sodeval.outputs.plots import COLOURS
from sodeval.protocol import Protocol, get_protocol
from sodeval.reference import f_measure
from sodeval.report import Result
from sodeval.scoring import measure_pair
from sodeval.tally import f_of_averages

IMAGES = Path(__file__).parent / "images"
METHOD, KEY = "RBD", "dahlia"
BLUE, ORANGE, GREEN = COLOURS[:3]
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "bdstr",
}
DEFAULT = Protocol()


def grey(file: Path) -> Any:
    """A map or a mask as it is stored."""
    return cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)


def show(axes: Axes, picture: Any, title: str) -> None:
    """A grey or coloured picture without axes."""
    axes.imshow(picture, cmap="gray", vmin=0, vmax=255 if np.asarray(picture).max() > 1 else 1)
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_axis_off()


def row_of(count: int, width_in: float = 6.6, height_in: float = 1.95) -> tuple[Figure, Any]:
    """A figure and its panels, side by side."""
    figure = Figure(figsize=(width_in, height_in), layout=ConstrainedLayoutEngine(h_pad=0.08))
    return figure, figure.subplots(1, count)


def save(figure: Figure, name: str) -> None:
    """As SVG where it is lines, as PNG where it is pictures; without a date, so that equal runs are equal."""
    kind = Path(name).suffix[1:]
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    figure.savefig(IMAGES / name, dpi=180, metadata=metadata)


def draw_three_fs(result: Result) -> None:
    """What "max F" may mean: three ways from the same curves."""
    assert result.curves
    assert result.per_image
    assert result.per_image.counts is not None
    own = f_measure(confusions(result.per_image.counts), DEFAULT.f_beta2)
    levels = np.arange(255, -1, -1)
    figure, axes = row_of(1, 7.2, 3.6)
    axes.plot(levels, own.T, color="#bbbbbb", linewidth=0.8)
    best = own.max(axis=1)
    axes.scatter(levels[own.argmax(axis=1)], best, color="#888888", s=14, zorder=3)
    of_images = f"image: mean of the seven best, {best.mean():.3f}"
    axes.axhline(best.mean(), color=GREEN, linestyle=":", label=of_images)
    for name, curve, colour in (
        ("curve: F averaged over images", result.curves["F"], BLUE),
        ("pr: F of averaged precision and recall", f_of_averages(result.curves, DEFAULT.f_beta2), ORANGE),
    ):
        axes.plot(levels, curve, color=colour, linewidth=1.8, label=f"{name}, best {curve.max():.3f}")
        axes.scatter(levels[curve.argmax()], curve.max(), color=colour, zorder=4)
    axes.set(xlabel="threshold", ylabel="F-measure", xlim=(0, 255), ylim=(0, 1.02))
    figure.legend(loc="outside lower center", frameon=False, ncols=1)
    save(figure, "convention-f.svg")


def draw_scaling(demo: DemoFolders) -> None:
    """One map saved with little contrast, as it is and stretched, with the scores of both."""
    gt = prepare(binarise(grey(demo.gt / f"{KEY}.png"), DEFAULT), DEFAULT)
    pale = (40 + grey(demo.maps[METHOD] / f"{KEY}.png") * 0.55).astype(np.uint8)
    figure, axes = row_of(3)
    show(axes[0], grey(demo.gt / f"{KEY}.png"), "the mask\n")
    for at, choice in ((axes[1], "none"), (axes[2], "minmax")):
        protocol = DEFAULT.but(scaling=choice, mae_scaling=choice)
        facts = measure_pair(pale, gt, protocol)
        show(at, scale(pale, choice), f"scaling {choice}:\nMAE {facts.mae[0]:.3f}, S {facts.s[0]:.3f}")
    save(figure, "convention-scaling.png")


def draw_masks(demo: DemoFolders) -> None:
    """A mask that was made smaller has grey borders; what is salient there is a rule."""
    mask = grey(demo.gt / f"{KEY}.png")
    small = cv2.resize(mask, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    top, left = (int(side) for side in np.argwhere(small > 0).min(axis=0))
    part = np.s_[max(top - 2, 0) : top + 26, max(left - 2, 0) : left + 38]
    usual = binarise(small, DEFAULT)
    figure, axes = row_of(3)
    show(axes[0], small[part], "a mask,\nscaled down")
    rules = (
        ("> 0", DEFAULT.but(gt_threshold=0)),
        (">= 0.5 of its range", get_protocol("psod")),
    )
    for at, (name, protocol) in zip(axes[1:], rules, strict=True):
        other = binarise(small, protocol)
        title = f"{name}:\n{other.sum() - usual.sum():+,} of {usual.sum():,} px"
        show(at, coloured(usual, other)[part], title)
    save(figure, "convention-masks.png")


def coloured(usual: Any, other: Any) -> Any:
    """White where both rules say salient, orange where only the other does."""
    picture = np.zeros((*usual.shape, 3), np.uint8)
    picture[usual] = 255
    picture[other & ~usual] = (213, 94, 0)
    return picture


def draw_resizing(demo: DemoFolders) -> None:
    """A map of an eighth of the mask's side, brought back in three ways."""
    saliency = grey(demo.maps[METHOD] / f"{KEY}.png")
    gt = prepare(binarise(grey(demo.gt / f"{KEY}.png"), DEFAULT), DEFAULT)
    small = cv2.resize(saliency, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    figure, axes = row_of(3)
    for at, how in zip(axes, ("nearest", "opencv-linear", "pillow-bilinear"), strict=True):
        enlarged = resize_to(small, saliency.shape, how)
        facts = measure_pair(enlarged, gt, DEFAULT)
        show(at, enlarged, f"{how}:\nMAE {facts.mae[0]:.4f}, wF {facts.wf[0]:.4f}")
    save(figure, "convention-resizing.png")


def draw_effects(explanation: Explanation) -> None:
    """How far each choice moves the measure that it moves most."""
    moved = []
    for row in explanation.rows:
        measure, most = max(row.differences.items(), key=lambda item: abs(item[1]))
        if row.variant.kind == "choice" and abs(most) >= 5e-4:
            moved.append((f"{row.variant.change}:  {measure}", most))
    names, values = zip(*sorted(moved, key=lambda item: abs(item[1])), strict=True)
    figure, axes = row_of(1, 7.2, 0.6 + 0.28 * len(names))
    bars = axes.barh(names, values, color=[BLUE if value > 0 else ORANGE for value in values])
    axes.bar_label(bars, [f"{value:+.3f}" for value in values], padding=3, fontsize=8)
    axes.axvline(0, color="#444444", linewidth=0.6)
    axes.margins(x=0.15)
    axes.set_xlabel("what the choice adds to the score that it moves most")
    save(figure, "convention-effects.svg")


def draw(demo: DemoFolders, pairing: Pairing) -> None:
    """All of them."""
    report = evaluate_pairings([pairing], Options())
    draw_three_fs(report.results[0])
    draw_effects(explain(pairing, METHOD, DEFAULT, sample=None))
    draw_scaling(demo)
    draw_masks(demo)
    draw_resizing(demo)


if __name__ == "__main__":
    with TemporaryDirectory() as temporary, mpl.rc_context(STYLE):
        folders = write_demo(Path(temporary))
        draw(folders, pair(folders.gt, {METHOD: folders.maps[METHOD]}, "demo"))
