"""How the figures of a dataset's rows are spread, and drawn."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image

from sodeval.printable import printable

MEASURED = ("area", "completeness", "components", "border")
MOST_CATEGORIES = 40
FEWEST_BARS = 5
"""Room for so many bars where there are fewer: one bar would be a block as wide as its panel."""
BLUE = "#0072B2"


@dataclass(frozen=True, slots=True)
class Spread:
    """What is known of all rows: figures alone, since run lengths of many would not fit into memory.

    Args:
        quality: figure -> of each row, where it was measured.
        boxes: how many each row has.
        scores: of the boxes, where a detector gave one.
        categories: name -> how many rows.
        sizes: width and height in px -> how many photographs.
    """

    quality: Mapping[str, Sequence[float]]
    boxes: Sequence[int]
    scores: Sequence[float]
    categories: Mapping[str, int]
    sizes: Mapping[tuple[int, int], int]


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
        sum(map(_sizes, files), Counter()),
    )


def _sizes(file: Path) -> Counter[tuple[int, int]]:
    """Width and height, upright -> how many rows: of the masks, which are read sooner."""
    sizes: Counter[tuple[int, int]] = Counter()
    bare = 0
    for mask in _images(file, "mask"):
        if mask is None:
            bare += 1
        else:
            sizes[Image.open(io.BytesIO(mask)).size] += 1
    if not bare:
        return sizes
    return Counter(_upright(photo) for photo in _images(file, "image") if photo is not None)


def _images(file: Path, column: str) -> Iterator[bytes | None]:
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(file).iter_batches(batch_size=64, columns=[f"{column}.bytes"]):
        for cell in batch[column].to_pylist():
            yield cell and cell["bytes"]


def _upright(photo: bytes) -> tuple[int, int]:
    image = Image.open(io.BytesIO(photo))
    lies = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
    return image.size[::-1] if lies else image.size


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
    """How area, completeness, parts, objects, detector scores, sizes and categories are spread."""
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
    *above, sizes, below = figure.subplot_mosaic([[0, 1, 2], [3, 4, 5], [6, 7, 7]]).values()
    for axes, (title, values) in zip(above, panels.items(), strict=True):
        _histogram(axes, title, values)
    _sizes_panel(sizes, spread.sizes)
    _bars(below, spread.categories)
    memory = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a letter that the font lacks becomes a box
        figure.savefig(memory, format="png", dpi=120, metadata={"Software": None})
    return memory.getvalue()


def _histogram(axes: Any, title: str, values: Sequence[float | int]) -> None:
    axes.set_title(title, fontsize=10, loc="left")
    if not values:
        _say_nothing(axes, "not measured")
        return
    if title in ("connected parts", "boxes an image"):
        counts = Counter(values)
        axes.bar(list(counts), list(counts.values()), width=0.9, color=BLUE)
        axes.set_xlim(-0.6, max(*counts, FEWEST_BARS - 1) + 0.6)
        axes.xaxis.get_major_locator().set_params(integer=True)
    else:
        axes.hist(values, bins=np.linspace(0, 1, 21), color=BLUE, rwidth=0.9)
    _count_up(axes)


def _count_up(axes: Any) -> None:
    """Rows are counted in whole numbers; a frame would be in the way."""
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)


def _sizes_panel(axes: Any, sizes: Mapping[tuple[int, int], int]) -> None:
    """A dot for each width and height, the larger the more rows have it."""
    axes.set_title("width and height, px", fontsize=10, loc="left")
    if not sizes:
        _say_nothing(axes, "not measured")
        return
    widths, heights = zip(*sizes, strict=True)
    share = np.array(list(sizes.values())) / max(sizes.values())
    axes.scatter(widths, heights, s=12 + 120 * share, color=BLUE, alpha=0.5, linewidths=0)
    axes.set(xlim=(0, 1.1 * max(widths)), ylim=(0, 1.15 * max(heights)))
    axes.spines[["top", "right"]].set_visible(False)


def _bars(axes: Any, counts: Mapping[str, int]) -> None:
    shown = dict(list(counts.items())[:MOST_CATEGORIES])
    more = f", the {len(shown)} largest of {len(counts):,}" if len(counts) > len(shown) else ""
    axes.set_title(f"rows a category{more}", fontsize=10, loc="left")
    if not shown:
        _say_nothing(axes, "no categories")
        return
    axes.bar(range(len(shown)), shown.values(), color=BLUE)
    axes.set_xticks(range(len(shown)), [_plain(name) for name in shown], rotation=60, ha="right", fontsize=8)
    axes.set_xlim(-0.6, max(len(shown), FEWEST_BARS) - 0.4)
    _count_up(axes)


def _plain(name: str) -> str:
    """A name as Matplotlib draws it: short, on one line, and without what it would take for mathematics."""
    name = printable(name)
    return (name if len(name) <= 24 else f"{name[:23]}…").replace("$", r"\$")


def _say_nothing(axes: Any, why: str) -> None:
    axes.text(0.5, 0.5, why, ha="center", va="center", transform=axes.transAxes, color="0.4")
    axes.set(xticks=(), yticks=())
