"""``bdstr hashes``: what photographs look like, for others to keep clear of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click

from bdstr.errors import SourceError
from sodeval.outputs.atomic import refuse_unwritable, write_atomically

from ..counted import counted
from ..folder import find_items
from ..source import ImageFile
from .progress import progress
from .running import refuse_inside, say_unused

AT_A_TIME = 100


@click.command()
@click.argument("images", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A file .txt.")
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True)
def hashes(images: Path, out: Path, processes: int) -> int:
    """Write the perceptual hashes of photographs, as `check.leakage` reads them.

    Exit code 3 where a photograph cannot be read; the others have their hashes.

    \b
    Examples:
      bdstr hashes DUTS-TE/images --out duts-te.txt
      bdstr generate photos --set 'check.leakage.against=["ecssd", "duts-te.txt"]' --out bds-tr
    """
    from ..hash_list import to_text

    refuse_inside(out, images)
    refuse_unwritable(out)
    source = find_items(images)
    items = source.items
    with progress(out.name) as on_progress:
        found: dict[str, int | None] = {}
        for item, value in zip(items, _hashes_of([item.image for item in items], processes), strict=True):
            found[item.key] = value
            on_progress(len(found), len(items))
    known = {key: value for key, value in found.items() if value is not None}
    if not known:
        raise SourceError(f"{images}: no image can be read; expected photographs: check the files")
    write_atomically(out, to_text(known))
    for key in sorted(found.keys() - known.keys()):
        click.echo(f"{key}: cannot be read, left out", err=True)
    left_out = len(found) - len(known) + say_unused(source)
    click.echo(
        f"{out}: {counted(len(known), 'hash', 'hashes')}" + (f", {left_out:,} left out" if left_out else "")
    )
    return 3 if left_out else 0


def _hashes_of(images: Sequence[ImageFile], processes: int) -> Iterator[int | None]:
    from ..phash import hash_of_file

    if processes == 1:
        yield from map(hash_of_file, images)
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        yield from pool.map(hash_of_file, images, chunksize=AT_A_TIME)
