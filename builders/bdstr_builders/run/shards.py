"""A shard: some keys, one Parquet file, written aside and moved in place, then its marker.

A marker names the work and the digest of the file: a file without its marker, or with another's, is made
again. So a kill at any moment leaves nothing that a second run would take for done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bdstr.parquet import to_parquet
from sodeval.outputs.atomic import write_atomically

from ..draft import Rejected
from ..pipeline import Make, Row
from ..sources import Item
from .plan import Plan

OnItem = Callable[[int], None]
"""Called with how many photographs are done since the last call."""


@dataclass(frozen=True, slots=True)
class Marker:
    """What a finished shard holds.

    Args:
        work: fingerprint of what made it.
        keys: digest of the keys, those of rejects among them.
        rows: how many rows.
        rejects: how many photographs got none.
        data: digest of the Parquet file.
    """

    work: str
    keys: str
    rows: int
    rejects: int
    data: str


def is_done(plan: Plan, shard: int) -> bool:
    """Whether a shard is finished, and its file is still the one that was written."""
    marker = read_marker(plan, shard)
    if marker is None or marker.work != plan.work or not plan.rejects_file(shard).exists():
        return False
    try:
        return _digest(plan.data_file(shard).read_bytes()) == marker.data
    except OSError:
        return False


def read_marker(plan: Plan, shard: int) -> Marker | None:
    """The marker of a shard; None where there is none, or a damaged one."""
    try:
        return Marker(**json.loads(plan.marker_file(shard).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def forget_rejects(plan: Plan, reason: str) -> int:
    """Makes every finished shard undone in which a photograph was rejected for a reason.

    Returns:
        How many photographs were.
    """
    import pyarrow.parquet as pq

    found = 0
    for shard in range(plan.count):
        file = plan.rejects_file(shard)
        if not file.exists():
            continue
        here = pq.read_table(file, columns=["reason"])["reason"].to_pylist().count(reason)
        if here:
            plan.marker_file(shard).unlink(missing_ok=True)
            found += here
    return found


def write_shard(
    plan: Plan, shard: int, items: Sequence[Item], make: Make, on_item: OnItem | None = None
) -> Marker:
    """Makes one shard's rows and writes them.

    Raises:
        OutputError: a file cannot be written.
    """
    rows: list[Row] = []
    rejects: list[Rejected] = []
    for made in make(items):
        if isinstance(made, Rejected):
            rejects.append(made)
        else:
            rows.append(made)
        if on_item:
            on_item(1)
    data = to_parquet(rows, plan.categories)
    write_atomically(plan.rejects_file(shard), rejects_parquet(rejects))
    write_atomically(plan.data_file(shard), data)
    keys = hashlib.blake2b(
        "\n".join(item.key for item in items).encode("utf-8", "surrogateescape"), digest_size=16
    )
    marker = Marker(plan.work, keys.hexdigest(), len(rows), len(rejects), _digest(data))
    write_atomically(plan.marker_file(shard), json.dumps(asdict(marker), sort_keys=True) + "\n")
    return marker


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def rejects_parquet(rejects: Sequence[Rejected]) -> bytes:
    """The content of a file of rejects."""
    import pyarrow as pa

    return _parquet(pa.Table.from_pylist([one.to_row() for one in rejects], schema=_rejects_schema()))


def join_rejects(files: Sequence[Path], more: Sequence[Rejected]) -> bytes:
    """One file of all rejects, in the order of the files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pa.Table.from_pylist([one.to_row() for one in more], schema=_rejects_schema())
    return _parquet(pa.concat_tables([source, *(pq.read_table(file) for file in files)]))


def _rejects_schema() -> Any:
    import pyarrow as pa

    from bdstr.schema import QUALITY

    texts = [(name, pa.string()) for name in ("key", "stage", "reason", "detail")]
    return pa.schema([*texts, *((name, pa.float32()) for name in QUALITY)])


def _parquet(table: Any) -> bytes:
    import io

    import pyarrow.parquet as pq

    memory = io.BytesIO()
    pq.write_table(table, memory)
    return memory.getvalue()
