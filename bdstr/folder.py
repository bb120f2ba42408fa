"""The folder of a finished dataset: which Parquet files each split has, and how much is in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import DatasetError

SHARD = re.compile(r"(?P<split>\w+(?:\.\w+)*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.parquet")


@dataclass(frozen=True, slots=True)
class Split:
    """The files of a split.

    Args:
        files: every one of them, in order.
        rows: in all of them.
        stored_bytes: on the disk.
        memory_bytes: of the columns, unpacked.
    """

    files: tuple[Path, ...]
    rows: int
    stored_bytes: int
    memory_bytes: int


def read_splits(folder: Path) -> Mapping[str, Split]:
    """The splits of a dataset, by the footers of its Parquet files.

    Raises:
        DatasetError: there are none; one is missing, damaged, or of another run.
    """
    shards: dict[str, list[Path]] = {}
    for file in sorted((folder / "data").glob("[!.]*.parquet")):  # what a kill left aside begins with a dot
        match = SHARD.fullmatch(file.name)
        if match is None:
            raise DatasetError(f"{file} is no file of a dataset; expected e.g. train-00000-of-00003.parquet")
        shards.setdefault(match["split"], []).append(file)
    if not shards:
        raise DatasetError(
            f"{folder} holds no data/*.parquet; expected what `bdstr generate` or `bdstr pack` writes"
        )
    return {split: _read_split(split, files) for split, files in shards.items()}


def _read_split(split: str, files: Sequence[Path]) -> Split:
    counts = {file.stem.rpartition("-")[2] for file in files}
    if len(counts) > 1:
        raise DatasetError(
            f"{files[0].parent} holds files of several runs ({split}, of {' and of '.join(sorted(counts))}); "
            "expected those of one: remove the others"
        )
    (count,) = counts
    wanted = [f"{split}-{number:05}-of-{count}.parquet" for number in range(int(count))]
    missing = sorted(set(wanted) - {file.name for file in files})
    if missing or len(files) != len(wanted):
        raise DatasetError(
            f"{files[0].parent} holds {len(files):,} of {len(wanted):,} files of {split}"
            + (f", not {missing[0]}" if missing else "")
            + "; expected all: the dataset is not finished, run what makes it again"
        )
    return measure(files)


def measure(files: Sequence[Path]) -> Split:
    """A split of these files.

    Raises:
        DatasetError: one is damaged.
    """
    sizes = [_read_footer(file) for file in files]
    rows, memory = (sum(column) for column in zip(*sizes, strict=True))
    return Split(tuple(files), rows, sum(file.stat().st_size for file in files), memory)


def _read_footer(file: Path) -> tuple[int, int]:
    """Rows and unpacked bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        footer = pq.read_metadata(file)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(
            f"{file} is damaged ({error}); expected Parquet: run what makes it again"
        ) from error
    return footer.num_rows, sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
