"""``bdstr inspect``: a dataset as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from sodeval.outputs.atomic import refuse_unwritable


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Else DATASET/inspect.")
@click.option("--sample", type=click.IntRange(1), default=24, show_default=True, help="Rows on the sheet.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def inspect(dataset: Path, out: Path | None, sample: int, seed: int) -> None:
    """Draw a contact sheet of masks, boxes and texts, and what is in the dataset: one page and PNGs.

    \b
    Example:
      bdstr inspect bds-tr
    """
    from ..inspection import write_inspection

    out = out or dataset / "inspect"
    refuse_unwritable(out)
    for path in write_inspection(dataset, out, sample, seed):
        click.echo(path)
