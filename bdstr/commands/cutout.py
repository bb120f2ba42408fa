"""``bdstr cutout``: the object of a photograph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from sodeval.outputs.atomic import refuse_unwritable

from ..errors import SourceError, UsageError
from ..extras import need_models
from .model_option import model_option


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@model_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The PNG, of one photograph.")
@click.option("--device", default="auto", show_default=True, help="As torch calls it, e.g. cpu or cuda:1.")
@click.option("--revision", default="main", show_default=True, help="Of a model on the Hub.")
def cutout(photos: tuple[Path, ...], model: str, out: Path | None, device: str, revision: str) -> None:
    """Save the object of each photograph on transparency, as PHOTO-cutout.png beside it.

    A photograph that cannot be used is said, and the exit code is 3; the others have their cut-outs.

    \b
    Example:
      bdstr cutout photo.jpg
    """
    if out and len(photos) > 1:
        raise UsageError(f"--out {out} for {len(photos)} photographs; expected one: leave --out away")
    if out and out.suffix.lower() != ".png":
        raise UsageError(f"--out {out}; expected a name that ends in .png")
    files = [out or photo.with_name(f"{photo.stem}-cutout.png") for photo in photos]
    _refuse_doubles(photos, files)
    for file in files:
        refuse_unwritable(file)
    need_models("train")
    from transformers.utils import logging

    from ..training.cutouts import write_cutout
    from ..training.example import read_file
    from ..training.trained import trained_network

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    network, processor = trained_network(model, device, revision)
    wrong = []
    for photo, file in zip(photos, files, strict=True):
        try:
            kept = write_cutout(read_file(photo), file, network, processor)
        except SourceError as error:
            wrong.append(f"{photo}: {error}")
        else:
            click.echo(f"{file}: {kept:.0%} of the photograph kept")
    if wrong:
        raise SourceError("\n".join(wrong))


def _refuse_doubles(photos: Sequence[Path], files: Sequence[Path]) -> None:
    for number, file in enumerate(files):
        if file in files[:number]:
            raise UsageError(
                f"{photos[files.index(file)]} and {photos[number]}: both cut-outs would be {file}; "
                "expected other names: call it for one, with --out"
            )
