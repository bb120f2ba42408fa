"""`bdstr pack` beside copying bytes, and reading what it wrote beside reading a folder of images."""

from __future__ import annotations

import shutil
from pathlib import Path

import datasets
import pyarrow.parquet as pq

from benchmarks.clock import seconds
from benchmarks.figures import Figure
from benchmarks.memory import peak_mb

STREAMED = 2000
DUTS_TR = Path(__file__).parents[2] / "shared" / "data" / "duts-tr-300"

PACK = Figure("`pack` of DUTS-TR", "s", "copying the files", "cost", asked=4)
MEMORY = Figure("`pack` of DUTS-TR, peak memory", "MB", kind="cost", asked=500, of_value=True)
STREAMING = Figure("opening and streaming decoded rows", "s", "`datasets` from an imagefolder", asked=1.5)


def unpack(root: Path, files: int | None) -> int:
    """DUTS-TR as people have it: a folder of photographs and one of masks."""
    count = 0
    for folder in ("image", "mask"):
        (root / folder).mkdir(parents=True)
    for file in sorted(DUTS_TR.glob("*.parquet"))[:files]:
        for row in pq.read_table(file).to_pylist():
            (root / "image" / f"{row['key']}.webp").write_bytes(row["image"]["bytes"])
            (root / "mask" / f"{row['key']}.png").write_bytes(row["mask"]["bytes"])
            count += 1
    return count


def of_pack(root: Path, count: int) -> list[Figure]:
    """Packing pairs beside copying their bytes, and its memory."""
    copies = [root / f"copy{i}" for i in range(2)]
    copy = min([seconds(lambda to=to: shutil.copytree(root / "duts", to)) for to in copies])  # type: ignore[misc]
    arguments = ("pack", str(root / "duts/image"), str(root / "duts/mask"), "--out", str(root / "packed"))
    peaks: list[float] = []
    pack = seconds(lambda: peaks.append(peak_mb("from bdstr.cli import main; main()", *arguments)))
    pairs = f"{count:,} pairs"
    return [PACK.measured(pack, copy, pairs), MEMORY.measured(peaks[0], extent=pairs)]


def of_streaming(root: Path) -> Figure:
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
    return STREAMING.measured(parquet, folder, f"{STREAMED:,} rows")
