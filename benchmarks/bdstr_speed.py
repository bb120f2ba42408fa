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
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import datasets
import pyarrow.parquet as pq

from bdstr_builders.draft import Rejected
from bdstr_builders.folder import find_items
from bdstr_builders.hash_list import to_text
from bdstr_builders.phash import hash_of_file
from bdstr_builders.pipeline import Generating
from bdstr_builders.placement import place
from bdstr_builders.recipe import Recipe, read_recipe
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from bdstr_builders.source import Source
from benchmarks.random_models import TINY, save_models
from benchmarks.sodeval_speed import Row, markdown

STREAMED = 2000
SHARED = Path(__file__).parents[2] / "shared" / "data"
LENIENT = {
    **{"min_area": 0.0, "max_area": 1.0, "max_components": 9999},
    **{"min_completeness": 0.0, "max_inversion": 1.0},
}
THRESHOLDS = {"box_threshold": 0.999999, "retry_threshold": 0.9999}
"""Random weights are sure of every box, and of what they make nothing is a salient object: so a few boxes
stay, and all rows."""
LEAST_ROWS = 0.9
"""Of the photographs: one that is rejected early would count as a fast one."""


def seconds(call: Callable[[], object]) -> float:
    """Wall-clock time of a call."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def peak_mb() -> float:
    """The most memory that this process has held, of Linux alone: ``ru_maxrss`` begins with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def first(source: Source, count: int) -> Source:
    """A part of the photographs."""
    return Source(source.items[:count], source.categories, ())


def tiny_recipe(folder: Path) -> Recipe:
    """The recipe `bds-tr` with small models of random weights in place of the large ones."""
    saved = save_models(folder, TINY)
    models = {"caption.blip": "blip", "ground.dino": "dino", "segment.sam": "sam"}
    chosen: dict[str, dict[str, Any]] = {stage: {"model": saved[name]} for stage, name in models.items()}
    chosen["ground.dino"] |= THRESHOLDS
    # ECSSD's own photographs are measured on: each would be found in the benchmark
    return place(read_recipe("bds-tr", chosen | {"check.quality": LENIENT, "check.leakage": {"against": []}}))


def bare_loop(folder: Path, source: Source, work: Generating) -> None:
    """What the runner has to do: photographs are hashed, models are loaded, batches pass the stages."""
    hashes = folder / "hashes.txt"
    found = {item.key: hash_of_file(item.image) for item in source.items}
    hashes.write_bytes(to_text({key: value for key, value in found.items() if value is not None}))
    rows = sum(not isinstance(made, Rejected) for made in work.build([hashes])(source.items))
    if rows < LEAST_ROWS * len(source.items):
        raise RuntimeError(f"{rows} rows of {len(source.items)} photographs; expected nearly all")


def runner_row(root: Path, source: Source) -> Row:
    """The runner beside the same stage calls without it: the whole recipe, with models that cost little."""
    work = Generating(tiny_recipe(root / "tiny"))
    bare_loop(root, first(source, 16), work)  # what happens once in a process would count for the first alone
    bare = seconds(lambda: bare_loop(root, source, work))
    plan = make_plan(root / "runner", source, work.fingerprint, 100)
    whole = seconds(lambda: run(plan, source, work))
    what = f"`generate`, tiny models, {len(source.items)} photographs, {whole:.1f} s / the stages in a loop"
    return Row(what, f"{whole / bare:.2f}", "<= 1.15", "")


def offline(out: Path, source: Source, processes: int) -> tuple[float, list[tuple[int, float]]]:
    """The offline recipe: how long it took, and photographs done -> the peak memory until then, in MB."""
    work, peaks = Generating(read_recipe("offline")), list[tuple[int, float]]()
    plan = make_plan(out, source, work.fingerprint, 25)

    def on_progress(done: int, _: int) -> None:
        peaks.append((done, peak_mb()))

    took = seconds(lambda: run(plan, source, work, processes=processes, on_progress=on_progress))
    return took, peaks


def offline_rows(root: Path, source: Source) -> list[Row]:
    """The offline recipe over two processes and in one, and whether the memory of the one grows."""
    count = len(source.items)
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # a peak is of all that a process ever did
        alone, peaks = apart.submit(offline, root / "alone", source, 1).result()
    together, _ = offline(root / "together", source, 2)
    begun_mb = next(peak for done, peak in peaks if done >= count / 10)
    return [
        Row(
            f"`generate --recipe offline`, {count:,} photographs: one process {alone:.1f} s / two",
            f"{alone / together:.2f}x",
            ">= 1.7x",
            "",
        ),
        Row(
            f"peak memory of the one at the end, {peaks[-1][1]:.0f} MB / after a tenth, {begun_mb:.0f} MB",
            f"{peaks[-1][1] / begun_mb:.2f}",
            "<= 1.05",
            "",
        ),
    ]


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
        # first: what a child's peak begins with is that of this process, before it loads models
        packed = [*pack_rows(root, unpack(root / "duts", 1 if short else None)), streaming_row(root)]
        rows = [runner_row(root, first(photographs, 100 if short else 300))]
        rows += offline_rows(root, first(photographs, 200 if short else 1000)) + packed
    print(markdown(rows))


if __name__ == "__main__":
    main()
