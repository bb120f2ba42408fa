"""What making a dataset costs beside doing no more than its work, and reading it beside reading files.

Every ratio is of wall-clock time within one run on one machine. ``--short`` takes less of everything.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import datasets
import pyarrow.parquet as pq

from bdstr_builders.pipeline import Generating
from bdstr_builders.recipe import read_recipe, recipe_of
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from bdstr_builders.sources import Source, find_items
from benchmarks.sodeval_speed import Row, markdown

STREAMED = 2000
SHARED = Path(__file__).parents[2] / "shared" / "data"
SALIENCY = {
    "name": "r",
    "seed": 1,
    "stage": [{"use": "ground.saliency"}, {"use": "segment.grabcut", "iterations": 1, "working_side_px": 64}],
}


def seconds(call: Callable[[], object]) -> float:
    """Wall-clock time of a call."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def first(source: Source, count: int) -> Source:
    """A part of the photographs."""
    return Source(source.items[:count], source.categories, ())


def runner_row(root: Path, source: Source) -> Row:
    """The runner beside the same stage calls without it, with stages that cost next to nothing."""
    work = Generating(recipe_of(SALIENCY, "r", {}))
    make = work.build()
    bare = seconds(lambda: list(make(source.items)))
    plan = make_plan(root / "runner", source, work.fingerprint, 100)
    whole = seconds(lambda: run(plan, source, work))
    what = f"`generate`, {len(source.items)} photographs, {whole:.1f} s / the same stages in a bare loop"
    return Row(what, f"{whole / bare:.2f}", "<= 1.15", "")


def processes_row(root: Path, source: Source) -> Row:
    """The offline recipe over two processes and in one."""
    work = Generating(read_recipe("offline"))

    def go(processes: int) -> float:
        plan = make_plan(root / f"processes-{processes}", source, work.fingerprint, 25)
        return seconds(lambda: run(plan, source, work, processes=processes))

    alone, together = go(1), go(2)
    what = f"`generate --recipe offline`, {len(source.items)} photographs: one process {alone:.1f} s / two"
    return Row(what, f"{alone / together:.2f}x", ">= 1.7x", "")


def unpack(root: Path, files: int | None) -> int:
    """DUTS-TR as people have it: a folder of photographs and one of masks."""
    count = 0
    for folder in ("image", "mask"):
        (root / folder).mkdir(parents=True)
    for file in sorted((SHARED / "duts-tr-300").glob("*.parquet"))[:files]:
        for row in pq.read_table(file).to_pylist():
            (root / "image" / f"{row['key']}.webp").write_bytes(row["image"]["bytes"])
            (root / "mask" / f"{row['key']}.png").write_bytes(row["mask"]["bytes"])
            count += 1
    return count


def pack_rows(root: Path, count: int) -> list[Row]:
    """Packing pairs beside copying their bytes, and its memory."""
    code = "from bdstr.cli import main; main()"
    call = [sys.executable, "-c", code, "pack", str(root / "duts/image"), str(root / "duts/mask")]
    copy = min(seconds(lambda i=i: shutil.copytree(root / "duts", root / f"copy{i}")) for i in range(2))  # type: ignore[misc]
    pack = seconds(
        lambda: subprocess.run([*call, "--out", str(root / "packed")], check=True, capture_output=True)
    )
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        Row(
            f"`pack` of {count:,} DUTS-TR pairs, {pack:.1f} s / copying their bytes",
            f"{pack / copy:.1f}",
            "<= 4",
            "",
        ),
        Row("its peak memory", f"{peak_mb:.0f} MB", "<= 500 MB", ""),
    ]


def streaming_row(root: Path) -> Row:
    """Streaming rows, decoded, from Parquet and from an imagefolder of the same files; opening included."""
    plain = root / "plain" / "train"  # imagefolder takes words like "test" in a file's name for splits
    plain.mkdir(parents=True)
    for i, file in enumerate(sorted((root / "duts" / "image").iterdir())[:STREAMED]):
        shutil.copy(file, plain / f"{i:05}.webp")

    def read(*arguments: str, **options: object) -> float:
        def go() -> None:
            rows = datasets.load_dataset(*arguments, split="train", streaming=True, **options)
            count = sum(1 for row in rows.take(STREAMED) if row["image"].load())
            if count != STREAMED:
                raise RuntimeError(f"{arguments}: {count} rows; expected {STREAMED}")

        return seconds(go)

    folder = read("imagefolder", data_dir=str(root / "plain"))
    parquet = read(str(root / "packed"), columns=["image"])
    what = f"opening and streaming {STREAMED:,} decoded rows: imagefolder {folder:.1f} s / Parquet"
    return Row(what, f"{folder / parquet:.2f}x", ">= 1.5x", "")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="less of everything")
    short = parser.parse_args().short
    if not SHARED.is_dir():
        sys.exit(f"{SHARED} does not exist: nothing to measure on")
    datasets.disable_progress_bars()
    photographs = find_items(SHARED / "ecssd" / "images")
    with TemporaryDirectory() as temporary:
        root = Path(temporary)
        rows = [runner_row(root, first(photographs, 100 if short else 300))]
        rows.append(processes_row(root, first(photographs, 50 if short else 200)))
        rows += pack_rows(root, unpack(root / "duts", 1 if short else None))
        rows.append(streaming_row(root))
    print(markdown(rows))


if __name__ == "__main__":
    main()
