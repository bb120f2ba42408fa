"""Rows as Parquet that `datasets.load_dataset` reads without being told anything."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .schema import features

ROWS_A_GROUP = 100
"""So many images are decoded where a reader wants one: few, as the Hub's viewer recommends."""


def to_parquet(rows: Iterable[Mapping[str, Any]], categories: Sequence[str] = ()) -> bytes:
    """The content of one Parquet file; equal rows give equal bytes.

    Args:
        rows: as `bdstr.schema` describes them.
        categories: the names of the main categories.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(list(rows), schema=features(categories).arrow_schema)
    memory = io.BytesIO()
    # snappy gives up at once on image bytes, which are compressed already
    with pq.ParquetWriter(memory, table.schema, compression="snappy", write_page_index=True) as writer:
        if table.num_rows:  # `load_dataset` stumbles over a group of no rows
            writer.write_table(table, row_group_size=ROWS_A_GROUP)
    return memory.getvalue()
