"""A shard: some keys, one Parquet file, written aside and moved in place, then its marker.

A marker names the work and the digest of the file: a file without its marker, or with another's, is made
again. So a kill at any moment leaves nothing that a second run would take for done.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bdstr.content import content_of, digest_of
from bdstr.errors import RunError
from bdstr.masks import is_black
from bdstr.parquet import to_parquet
from sodeval.outputs.atomic import write_atomically

from ..draft import Rejected
from ..pipeline import BATCH, Made, Make, Row
from ..source import Item
from .crashes import past_crashes, signed
from .plan import Plan, refuse_replaced

logger = logging.getLogger(__name__)

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
        rejects_data: digest of the file of rejects.
        black: how many rows have a mask on which nothing stands out.
        black_key: the first of them.
    """

    work: str
    keys: str
    rows: int
    rejects: int
    data: str
    rejects_data: str
    black: int = 0
    black_key: str = ""


def is_done(plan: Plan, shard: int) -> bool:
    """Whether a shard is finished, and its files are still those that were written.

    Where it was finished and they are not, a warning says what is damaged.
    """
    if not plan.marker_file(shard).exists():
        return False
    marker = read_marker(plan, shard)
    damaged = plan.marker_file(shard) if marker is None or marker.work != plan.work else None
    if marker and not damaged:
        files = {plan.data_file(shard): marker.data, plan.rejects_file(shard): marker.rejects_data}
        damaged = next((file for file, digest in files.items() if _digest_of_file(file) != digest), None)
    if damaged:
        logger.warning("%s is damaged or gone: the shard is made again", damaged)
    return damaged is None


def _digest_of_file(file: Path) -> str | None:
    try:
        return digest_of(file.read_bytes())
    except OSError:
        return None


def read_marker(plan: Plan, shard: int) -> Marker | None:
    """The marker of a shard; None where there is none, or a damaged one."""
    try:
        return Marker(**json.loads(plan.marker_file(shard).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def content_of_run(plan: Plan) -> str:
    """The digest of a finished run's Parquet files: of its markers, so that no file is read again.

    Raises:
        RunError: a shard has no marker, or no longer.
    """
    markers = {plan.data_file(shard): read_marker(plan, shard) for shard in range(plan.count)}
    digests = {file.name: marker.data for file, marker in markers.items() if marker}
    if len(digests) < plan.count:
        raise RunError(
            f"{plan.out} holds {len(digests):,} of {plan.count:,} shards; expected all: run it again, not "
            "beside one that makes some anew"
        )
    return content_of(digests)


def write_shard(
    plan: Plan, shard: int, items: Sequence[Item], make: Make, on_item: OnItem | None = None
) -> Marker:
    """Makes one shard's rows and writes them.

    Raises:
        OutputError: a file cannot be written.
        RunError: the plan was replaced.
    """
    with signed(plan, shard):
        refuse_replaced(plan)  # signed: from here on it cannot be
        rows, rejects = _made(past_crashes(plan, shard, make)(items), on_item)
        data, refused = to_parquet(rows, plan.categories), rejects_parquet(rejects)
        black = [str(row["key"]) for row in rows if row["mask"] and is_black(row["mask"]["bytes"])]
        refuse_replaced(plan)  # once more: that took a while, and signs are no locks
        write_atomically(plan.rejects_file(shard), refused)
        write_atomically(plan.data_file(shard), data)
        marker = Marker(
            *(
                plan.work,
                _digest_of_keys(items),
                len(rows),
                len(rejects),
                digest_of(data),
                digest_of(refused),
            ),
            *(len(black), next(iter(black), "")),
        )
        write_atomically(plan.marker_file(shard), json.dumps(asdict(marker), sort_keys=True) + "\n")
    return marker


def _made(answers: Iterable[Made], on_item: OnItem | None) -> tuple[list[Row], list[Rejected]]:
    """Counts by batches: the rows of one come all at once, so its first alone says nothing of the pace."""
    rows: list[Row] = []
    rejects: list[Rejected] = []
    for made in answers:
        if isinstance(made, Rejected):
            rejects.append(made)
        else:
            rows.append(made)
        if on_item and not (len(rows) + len(rejects)) % BATCH:
            on_item(BATCH)
    if on_item and (rest := (len(rows) + len(rejects)) % BATCH):
        on_item(rest)
    return rows, rejects


def _digest_of_keys(items: Sequence[Item]) -> str:
    return digest_of("\n".join(item.key for item in items).encode())


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
