"""What a look at a finished dataset tells of its files without reading all of them."""

from __future__ import annotations

from pathlib import Path

from .plan import Plan
from .shards import read_marker


def damaged_files(plan: Plan) -> list[Path]:
    """The Parquet files of finished shards that are cut off or gone, told by their ends alone."""
    files = {plan.data_file(shard): read_marker(plan, shard) for shard in range(plan.count)}
    return [file for file, marker in files.items() if marker and _rows_in(file) != marker.rows]


def _rows_in(file: Path) -> int | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(file).num_rows)
    except (OSError, pa.ArrowException):
        return None
