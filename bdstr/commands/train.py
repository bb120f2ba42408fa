"""``bdstr train``: a network of a dataset."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

import click

from sodeval.commands.completion import folders, known
from sodeval.outputs.sole_writer import sole_writer

from ..errors import UsageError
from ..extras import need_models

PRESETS = ("tiny", "resnet50", "swin-base")
"""The keys of `bdstr.model.presets.PRESETS`, without torch."""


@click.command()
@click.option(
    "--dataset",
    required=True,
    shell_complete=folders,
    help="A folder, or a name on the Hub, e.g. ORG/bds-tr.",
)
@click.option("--split", default="train", show_default=True, help="Of the dataset.")
@click.option("--streaming", is_flag=True, help="Read the dataset while training, without storing it.")
@click.option(
    "--preset",
    default="tiny",
    show_default=True,
    shell_complete=known(lambda: PRESETS),
    help=f"The network: {', '.join(PRESETS)}.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Of the run.")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="Settings in TOML.")
@click.option("--set", "texts", multiple=True, metavar="KEY=VALUE", help="Another value of a setting.")
@click.option(
    "--start",
    metavar="FOLDER|ORG/NAME|tiny",
    default="",
    help="A trained network of this preset to start from; tiny: the one that comes with bdstr.",
)
@click.option("--workers", type=click.IntRange(0), help="Processes that decode and augment.")
@click.option("--threads", type=click.IntRange(1), help="Of the process that trains on a processor.")
@click.option("--cpu", is_flag=True, help="Train on the processor even where there is a GPU.")
@click.option("--tensorboard", is_flag=True, help="Write the log for TensorBoard, too.")
def train(
    dataset: str,
    split: str,
    streaming: bool,
    preset: str,
    out: Path,
    config: Path | None,
    texts: tuple[str, ...],
    start: str,
    workers: int | None,
    threads: int | None,
    cpu: bool,
    tensorboard: bool,
) -> None:
    """Train a network on a dataset of photographs and masks.

    It measures itself on rows that it does not learn from, and keeps the network with the lowest MAE there.
    Called again, it goes on from its last checkpoint. For several GPUs: torchrun --nproc-per-node 4 -m
    bdstr.cli train ...

    \b
    Examples:
      bdstr train --dataset bds-tr --preset tiny --out run
      bdstr train --dataset ORG/bds-tr --streaming --out run --set epochs=5 --set model.upsample=bilinear
    """
    from ..training.settings_text import read_settings

    settings = read_settings(config, texts)
    need_models("train", "accelerate")
    if tensorboard and find_spec("tensorboard") is None:
        raise UsageError(
            "tensorboard is not installed; expected it for --tensorboard: pip install tensorboard"
        )
    import datasets
    import torch
    from transformers.utils import logging

    from ..training.machine import Machine
    from ..training.run import echo, open_run
    from ..training.source import open_source
    from ..training.start import refuse_impossible
    from ..training.trainer import train as run

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if not sys.stderr.isatty():
        datasets.disable_progress_bars()
    if threads:
        torch.set_num_threads(threads)
    refuse_impossible(preset, settings)
    source = open_source(dataset, split, settings.held_out, streaming)
    if open_run(out, echo(settings, preset, source, start)):
        click.echo(f"{out}: finished already")
        return
    say(f"{source.learned:,} rows to learn from, {len(source.held_out):,} held out")
    with sole_writer(out, "bdstr train") if is_first_process() else nullcontext():
        run(out, source, preset, settings, Machine(workers, cpu, tensorboard), say, start)
    say(f"{out}: bdstr predict photos --model {out} --out maps")


def is_first_process() -> bool:
    """Of those that train together."""
    return os.environ.get("RANK", "0") == "0"


def say(line: str) -> None:
    """Prints a line above the progress bar, where there is one; of several processes the first does."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    if not is_first_process():
        return
    tqdm.write(line, file=sys.stderr)
    sys.stderr.flush()
