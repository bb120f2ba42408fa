"""How the figures of a dataset's rows are spread, and drawn."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

MEASURED = ("area", "completeness", "components", "border")
MOST_CATEGORIES = 40


@dataclass(frozen=True, slots=True)
class Spread:
    """What is known of all rows: figures alone, since run lengths of many would not fit into memory.

    Args:
        quality: figure -> of each row, where it was measured.
        boxes: how many each row has.
        scores: of the boxes, where a detector gave one.
        categories: name -> how many rows.
    """

    quality: Mapping[str, Sequence[float]]
    boxes: Sequence[int]
    scores: Sequence[float]
    categories: Mapping[str, int]


def spread_of(files: Sequence[Path]) -> Spread:
    """The figures of the rows of some Parquet files."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    leaves = [f"quality.{name}" for name in MEASURED]
    table = pa.concat_tables(
        pq.ParquetFile(file).read(columns=["category", "instances.list.element.score", *leaves])
        for file in files
    )
    boxes, quality = table["instances"], table["quality"]
    return Spread(
        {name: pc.struct_field(quality, name).drop_null().to_pylist() for name in MEASURED},
        pc.list_value_length(boxes).to_pylist(),
        pc.struct_field(pc.list_flatten(boxes), "score").drop_null().to_pylist(),
        _counted(table["category"].drop_null().to_pylist(), _class_names(files[0])),
    )


def _counted(categories: Sequence[int], names: Sequence[str]) -> dict[str, int]:
    """Name -> how many, the most frequent first."""
    known = Counter(names[number] for number in categories if 0 <= number < len(names))
    return dict(sorted(known.items(), key=lambda one: (-one[1], one[0])))


def _class_names(file: Path) -> Sequence[str]:
    import pyarrow.parquet as pq
    from datasets import Features

    category: Any = Features.from_arrow_schema(pq.read_schema(file)).get("category")
    return getattr(category, "names", None) or ()


def figures_png(spread: Spread) -> bytes:
    """How area, completeness, parts, objects, detector scores and categories are spread."""
    from matplotlib.figure import Figure

    panels = {
        "object's share of the image": spread.quality["area"],
        "share of its boxes that it fills": spread.quality["completeness"],
        "border pixels that are object": spread.quality["border"],
        "connected parts": spread.quality["components"],
        "boxes an image": spread.boxes,
        "detector's score": spread.scores,
    }
    figure = Figure(figsize=(10, 8), layout="constrained")
    *above, below = figure.subplot_mosaic([[0, 1, 2], [3, 4, 5], [6, 6, 6]]).values()
    for axes, (title, values) in zip(above, panels.items(), strict=True):
        _histogram(axes, title, values)
    _bars(below, spread.categories)
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=120, metadata={"Software": None})
    return memory.getvalue()


def _histogram(axes: Any, title: str, values: Sequence[float | int]) -> None:
    axes.set_title(title, fontsize=10, loc="left")
    if not values:
        _say_nothing(axes, "not measured")
        return
    whole = title in ("connected parts", "boxes an image")
    bins = np.arange(-0.5, max(values) + 1.5) if whole else np.linspace(0, 1, 21)
    axes.hist(values, bins=bins, color="#0072B2", rwidth=0.9)
    axes.spines[["top", "right"]].set_visible(False)


def _bars(axes: Any, counts: Mapping[str, int]) -> None:
    shown = dict(list(counts.items())[:MOST_CATEGORIES])
    more = f", the {len(shown)} largest of {len(counts):,}" if len(counts) > len(shown) else ""
    axes.set_title(f"rows a category{more}", fontsize=10, loc="left")
    if not shown:
        _say_nothing(axes, "no categories")
        return
    axes.bar(range(len(shown)), shown.values(), color="#0072B2")
    axes.set_xticks(range(len(shown)), [_plain(name) for name in shown], rotation=60, ha="right", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _plain(name: str) -> str:
    """A name as Matplotlib draws it: short, and without what it would take for mathematics."""
    return (name if len(name) <= 24 else f"{name[:23]}…").replace("$", r"\$")


def _say_nothing(axes: Any, why: str) -> None:
    axes.text(0.5, 0.5, why, ha="center", va="center", transform=axes.transAxes, color="0.4")
    axes.set(xticks=(), yticks=())
