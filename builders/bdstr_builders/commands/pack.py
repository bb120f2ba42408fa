"""``bdstr pack``: photographs and drawn masks as a dataset."""

from __future__ import annotations

from pathlib import Path

import click

from ..pipeline import Packing
from ..run.local import run
from ..run.plan import ROWS_A_SHARD, make_plan
from ..sources import find_items
from .progress import progress
from .running import refuse_inside, say

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("images", type=FOLDER)
@click.argument("masks", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="Folder of the dataset.")
@click.option("--source", help="Where the photographs are from; said in every row.")
@click.option("--licence", help="Theirs, an SPDX identifier; said in every row.")
@click.option("--rows-per-shard", type=click.IntRange(1), default=ROWS_A_SHARD, show_default=True)
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True)
def pack(
    images: Path,
    masks: Path,
    out: Path,
    source: str | None,
    licence: str | None,
    rows_per_shard: int,
    processes: int,
) -> None:
    """Make a dataset of photographs and the masks that go with them by name.

    Image files are copied byte for byte. What cannot be used is in rejects.parquet, with the reason.

    \b
    Example:
      bdstr pack DUTS-TR/image DUTS-TR/mask --out duts-tr --source DUTS
    """
    refuse_inside(out, images, masks)
    found = find_items(images, masks)
    work = Packing(found.categories, source, licence)
    plan = make_plan(out, found, work.fingerprint, rows_per_shard)
    with progress(out.name) as on_progress:
        summary = run(plan, found, work, processes=processes, on_progress=on_progress)
    say(summary, out)
