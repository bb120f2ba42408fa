"""``bdstr predict``: saliency maps of photographs."""

from __future__ import annotations

from pathlib import Path

import click

from sodeval.commands.completion import known
from sodeval.commands.progress import progress
from sodeval.paths import lies_in
from sodeval.printable import printable

from ..errors import SourceError, UsageError
from ..extras import need_models
from .model_option import model_option


@click.command()
@click.argument("images", metavar="IMAGES|DATASET", shell_complete=known(tuple, files=True))
@model_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Of the maps.")
@click.option("--split", default="train", show_default=True, help="Of a dataset.")
@click.option("--batch", type=click.IntRange(1), default=8, show_default=True, help="Photographs at a time.")
@click.option("--device", default="auto", show_default=True, help="As torch calls it, e.g. cpu or cuda:1.")
@click.option("--revision", default="main", show_default=True, help="Of a model on the Hub.")
def predict(images: str, model: str, out: Path, split: str, batch: int, device: str, revision: str) -> None:
    """Write a saliency map of each photograph, as a grey PNG of its size.

    IMAGES is a photograph or a folder of them; DATASET a folder of Parquet files, or a dataset on the Hub.
    Called again, it goes on where it stopped. A photograph that cannot be used is said, and the exit code is
    3; the others have their maps.

    \b
    Examples:
      bdstr predict photos --out maps
      bdstr predict ecssd/images --model run --out maps && sodeval run --gt ecssd/gt --pred maps
    """
    need_models("train")
    from transformers.utils import logging

    from ..training.maps_folder import open_maps
    from ..training.pictures import find_pictures
    from ..training.prediction import predict as run
    from ..training.trained import trained_network

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if lies_in(out, Path(images)) and Path(images).is_dir():
        raise UsageError(f"{out} lies in {images}; expected another place: its maps would be photographs")
    pictures = find_pictures(images, split)
    network, processor = trained_network(model, device, revision)
    open_maps(out, network, processor)
    with progress() as bar:
        total = len(pictures)
        counts = run(pictures, out, network, processor, batch, say, lambda done: bar(str(out), done, total))
    there = f"; {counts.there_before:,} were there" if counts.there_before else ""
    click.echo(f"{out}: {counts.written:,} maps written{there}")
    if counts.wrong:
        raise SourceError(
            f"{counts.wrong:,} of {len(pictures):,} photographs cannot be used; expected whole images: "
            "replace them and call again"
        )


def say(key: str, why: str) -> None:
    """What is wrong with a photograph."""
    click.echo(printable(f"left out {key}: {why}"), err=True)
