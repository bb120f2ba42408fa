"""``bdstr boxes``: annotations from drawn masks."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sodeval.outputs.atomic import refuse_unwritable, write_atomically

from ..counted import counted
from ..decoding import RejectedError
from ..folder import find_items
from ..source import Item
from .progress import progress
from .running import say_unused


@click.command()
@click.argument("masks", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="JSON lines.")
def boxes(masks: Path, out: Path) -> int:
    """Write the boxes around the parts of drawn masks as annotations for `generate`.

    Exit code 3 where a mask cannot be read; the others have their boxes.

    \b
    Example:
      bdstr boxes ECSSD/gt --out boxes.jsonl
    """
    refuse_unwritable(out)
    source, lines = find_items(masks), []
    left_out = say_unused(source)
    with progress(out.name) as on_progress:
        for done, item in enumerate(source.items, 1):
            try:
                lines.append(_line(item))
            except RejectedError as error:
                click.echo(f"{item.image}: {error}", err=True)
                left_out += 1
            on_progress(done, len(source.items))
    write_atomically(out, "\n".join([*lines, ""]))
    click.echo(
        f"{out}: boxes for {counted(len(lines), 'mask')}" + (f", {left_out:,} left out" if left_out else "")
    )
    return 3 if left_out else 0


def _line(item: Item) -> str:
    from ..part_boxes import boxes_of
    from ..photo import read_mask

    return json.dumps({"key": item.key, "boxes": boxes_of(read_mask(item.image))})
