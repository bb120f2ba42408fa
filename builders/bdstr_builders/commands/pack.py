"""``bdstr pack``: photographs and the masks that there are as a dataset."""

from __future__ import annotations

from pathlib import Path

import click

from ..run.plan import ROWS_A_SHARD, find_plan, make_plan
from .progress import progress
from .running import begin_again, refuse_inside, say
from .sourcing import Sourcing, source_options

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("images", type=click.Path(path_type=Path))
@click.argument("masks", type=FOLDER, required=False)
@click.option("--out", type=FOLDER, required=True, help="Folder of the dataset.")
@source_options
@click.option("--rows-per-shard", type=click.IntRange(1), default=ROWS_A_SHARD, show_default=True)
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True)
@click.option("--retry-rejects", "reason", metavar="REASON", help="Once more what was rejected for it.")
def pack(
    images: Path,
    masks: Path | None,
    out: Path,
    given: Sourcing,
    rows_per_shard: int,
    processes: int,
    reason: str | None,
) -> None:
    """Make a dataset of photographs and the masks that go with them, if there are any.

    IMAGES is a folder of photographs, and MASKS one of masks with the same names; where IMAGES holds only
    folders, those are classes, and folders in them subcategories. Or IMAGES is a Parquet file, or a folder of
    some, with photographs and masks as columns. Image files are copied byte for byte. What cannot be used is
    in rejects.parquet, with the reason. A mask that is all black says that nothing stands out: it is kept,
    and how many there are is said at the end.

    \b
    Examples:
      bdstr pack DUTS-TR/image DUTS-TR/mask --out duts-tr --source DUTS   # pairs
      bdstr pack photos --out photos-packed --licence CC0-1.0             # photographs alone: no masks
      bdstr pack ILSVRC/train --class-names LOC_synset_mapping.txt --out imagenet
      bdstr pack train.parquet --column mask=gt --out ds                  # a file
      bdstr pack ORG-dataset --split train --validation 0.05 --out ds     # a dataset of the Hub
    """
    from ..pipeline import Packing
    from ..run.local import run
    from ..run.retrying import refuse_unknown_reason

    refuse_inside(out, images, masks)
    found = given.arrange(given.find(images, masks))
    if reason is not None:
        refuse_unknown_reason(out, find_plan(out), reason)
    work = Packing(found.categories, given.source, given.licence, found.masks)
    plan = make_plan(out, found, work.fingerprint, rows_per_shard)
    begin_again(plan, found, reason)
    with progress(out.name) as on_progress:
        summary = run(plan, found, work, processes=processes, on_progress=on_progress)
    say(summary, out)
