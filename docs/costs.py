"""Writes docs/costs.md: what large datasets cost, computed from what was measured and counted.

``.venv/bin/python docs/costs.py`` writes the page from docs/costs.json;
``.venv/bin/python docs/costs.py IMAGES [COUNT]`` first measures that file anew, on a folder of photographs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import fill
from typing import Any

from bdstr_builders.run.plan import ROWS_A_SHARD
from benchmarks.flops import (
    H100_TFLOP_A_SECOND,
    SAM_VIT_B_TFLOP,
    TFLOP_AN_IMAGE,
    images_a_second,
)

PAGE = Path(__file__).with_name("costs.md")
MEASURED = PAGE.with_suffix(".json")
SIZES = (260_000, 14_000_000)
SHARES = (0.25, 0.40, 0.50)
BOXES = 3
"""For each photograph, to tell the size of a row of `bds-tr`: assumed."""
LARGER_PHOTO_BYTES = 110_000
"""Of a web photograph about 500 px wide: assumed."""

CHAIN = sum(TFLOP_AN_IMAGE.values())
SMALL_CHAIN = CHAIN - TFLOP_AN_IMAGE["SAM ViT-H, 1024²"] + SAM_VIT_B_TFLOP


def measure(images: Path, count: int) -> dict[str, Any]:
    """What the recipe `offline` takes for the first photographs of a folder, in one process."""
    from bdstr_builders.folder import find_items
    from bdstr_builders.pipeline import Generating
    from bdstr_builders.recipe import read_recipe
    from bdstr_builders.run.local import run
    from bdstr_builders.run.plan import make_plan
    from bdstr_builders.source import Source

    found = find_items(images)
    source = Source(found.items[:count], found.categories, ())
    work = Generating(read_recipe("offline"))
    with TemporaryDirectory() as folder:
        plan = make_plan(Path(folder) / "out", source, work.fingerprint, 100)
        begun = time.process_time()
        run(plan, source, work)
        seconds = time.process_time() - begun
        return {"photographs": len(source.items), "cpu_seconds": round(seconds, 1), **_sizes(plan.out)}


def _sizes(out: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq

    files = sorted(out.glob("data/*.parquet"))
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    masks = [one["rle"]["counts"] for row in rows for one in row["instances"]]
    return {
        "rows": len(rows),
        "stored_bytes": sum(file.stat().st_size for file in files),
        "image_bytes": sum(len(row["image"]["bytes"]) for row in rows),
        "run_length_bytes": round(sum(map(len, masks)) / len(masks)),
    }


def text(measured: Mapping[str, Any]) -> str:
    """What docs/costs.md holds."""
    parts = [
        "# What large datasets cost",
        _opening(measured),
        *_gpu(),
        *_processor(measured),
        *_disk(measured),
    ]
    return "\n\n".join(parts) + "\n"


def _filled(*sentences: str) -> str:
    return fill(" ".join(sentences), 110, break_long_words=False, break_on_hyphens=False)


def _opening(measured: Mapping[str, Any]) -> str:
    return _filled(
        "Two kinds of figures stand here. **Measured**: the recipe `offline` on",
        f"{measured['photographs']:,} photographs of ECSSD, on one core of a two-core AMD EPYC machine",
        "that had other work beside it.",
        "**Computed**: everything else, from those and from what the models have to compute.",
        "No GPU has run any of it yet; `make bench` measures one where it finds one.",
        "`docs/costs.py` writes this page.",
    )


def _gpu() -> tuple[str, ...]:
    counted = "; ".join(f"{name}: {tflop}" for name, tflop in TFLOP_AN_IMAGE.items())
    said = _filled(
        f"An H100 is taken to do {H100_TFLOP_A_SECOND:.0f} TFLOP/s in dense bfloat16, and an image to need",
        f"{CHAIN:.2f} TFLOP with SAM ViT-H, or {SMALL_CHAIN:.2f} with ViT-B in its place",
        f"({counted}; SAM ViT-B: {SAM_VIT_B_TFLOP}).",
        "The shares of that limit are aims, not results: the detector runs in float32 and its sampling waits",
        "for memory, captions are many small steps, and decoding and resizing need processors beside a GPU.",
        "A GPU half as fast takes twice the hours. Two take half: `--processes 2`, each on another GPU;",
        "`CUDA_VISIBLE_DEVICES=0 bdstr generate ... --shard 1/2` beside `CUDA_VISIBLE_DEVICES=1 ...",
        "--shard 2/2`; or `--engine ray --device cuda`. None of these has been run on several GPUs.",
    )
    return "## GPU hours: computed, not measured", _gpu_table(), said


def _processor(measured: Mapping[str, Any]) -> tuple[str, str]:
    seconds = measured["cpu_seconds"] / measured["photographs"]
    hours = [f"{images:,} take {images * seconds / 3600:,.0f} core hours" for images in SIZES]
    return "## Without a GPU: the recipe `offline`", _filled(
        f"**Measured: {seconds:.2f} s of one core a photograph** of about 300 x 400 px.",
        f"Computed: {' and '.join(hours)}.",
        "Photographs whose longer side is over 400 px are segmented at 400 px.",
    )


def _disk(measured: Mapping[str, Any]) -> tuple[str, ...]:
    photo, row = (measured[name] / measured["rows"] for name in ("image_bytes", "stored_bytes"))
    mask = measured["run_length_bytes"]
    more = (2 * BOXES + 1 + BOXES - 1) * mask
    said = _filled(
        f"**Measured: {row / 1000:.1f} kB a row, of which {photo / 1000:.1f} kB are the photograph** as it",
        "was;",
        f"mask, box, run lengths and the rest are {(row - photo) / 1000:.1f} kB.",
        "A row of `bds-tr` has two alternative masks a box, and the uncertain pixels, besides:",
        f"for {BOXES} boxes, at the measured {mask} bytes of run lengths a mask, {more / 1000:.1f} kB more.",
        f"Computed from these, also for photographs of {LARGER_PHOTO_BYTES / 1000:.0f} kB with masks as",
        "small:",
    )
    advice = _filled(
        "Run lengths grow with the outline of what they show, not with its area.",
        "A run that goes on reads every finished shard of its part once, to see that it is whole, and asks",
        "the system when each of its photographs was modified; a shard's rows are held in memory until it",
        "is written, and are what a kill loses: so large datasets ask for",
        "parts (`--shard 3/16`) and, where memory allows, fewer and larger shards (`--rows-per-shard 5000`).",
    )
    return "## Disk and shards", said, _disk_table(photo, row - photo + more), advice


def _gpu_table() -> str:
    lines = [
        "| images | recipe | " + " | ".join(f"at {share:.0%} of the limit" for share in SHARES) + " |",
        "|--:|:--|" + "--:|" * len(SHARES),
    ]
    for images in SIZES:
        for recipe, chain in (("`bds-tr`", CHAIN), ("`bds-tr-small`", SMALL_CHAIN)):
            hours = [_hours(images / images_a_second(chain, share)) for share in SHARES]
            lines.append(f"| {images:,} | {recipe} | {' | '.join(hours)} |")
    rates = [
        f"{images_a_second(CHAIN, share):.0f} to {images_a_second(SMALL_CHAIN, share):.0f}"
        for share in SHARES
    ]
    return "\n".join([*lines, f"| images/s | either | {' | '.join(rates)} |"])


def _hours(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:,.1f} h" if hours < 100 else f"{hours:,.0f} h"


def _disk_table(photo: float, rest: float) -> str:
    lines = [
        "| images | a photograph | dataset | shards, 500 rows each | a shard | shards of 5,000 rows |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for images in SIZES:
        for size in (photo, LARGER_PHOTO_BYTES):
            row = size + rest
            shards = [f"{-(-images // count):,}" for count in (ROWS_A_SHARD, 5000)]
            cells = (
                *(f"{images:,}", f"{size / 1000:.0f} kB", _bytes(images * row)),
                *(shards[0], _bytes(ROWS_A_SHARD * row), shards[1]),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _bytes(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count:,.0f} bytes"


def read() -> Mapping[str, Any]:
    """What was measured."""
    measured: Mapping[str, Any] = json.loads(MEASURED.read_text("utf-8"))
    return measured


def main(arguments: Sequence[str]) -> None:
    """Measures where it is told a folder; writes the page."""
    if arguments:
        count = int(arguments[1]) if len(arguments) > 1 else 300
        MEASURED.write_text(json.dumps(measure(Path(arguments[0]), count), indent=2) + "\n", "utf-8")
    PAGE.write_text(text(read()), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
