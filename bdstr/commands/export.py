"""``bdstr export``: a network for other runtimes."""

from __future__ import annotations

from pathlib import Path

import click

from sodeval.commands.completion import known
from sodeval.outputs.atomic import refuse_unwritable

from ..extras import need_models
from ..packaged import packaged_presets


@click.group()
def export() -> None:
    """Write a network for another runtime.

    \b
    Example:
      bdstr export onnx tiny dedecoder.onnx
    """


@export.command()
@click.argument("model", shell_complete=known(packaged_presets, files=True))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--any-size", is_flag=True, help="Let height and width vary; takes several times as long.")
@click.option("--revision", default="main", show_default=True, help="Of a repository on the Hub.")
def onnx(model: str, file: Path, any_size: bool, revision: str) -> None:
    """Write a network as ONNX, once ONNX Runtime has answered as torch does.

    MODEL is a folder that training wrote, a Hub id, or a preset. The input `pixel_values` (batch, 3, height,
    width) is what the image processor gives, in its size; the output `saliency` (batch, 1, height, width) is
    0 to 1. Both are float32, whatever the weights were saved in.

    \b
    Examples:
      bdstr export onnx tiny dedecoder.onnx
      bdstr export onnx run/ dedecoder.onnx --any-size
    """
    refuse_unwritable(file)
    need_models("train")
    from transformers.utils import logging

    from ..model.onnx import export as write
    from ..training.trained import trained_network

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    network, processor = trained_network(model, "cpu", revision)
    size = processor.size["height"], processor.size["width"]
    click.echo(f"{model}: exporting at {size[1]} x {size[0]} px", err=True)
    difference = write(network, file, size, any_size)
    click.echo(
        f"{file}: {file.stat().st_size / 1e6:.1f} MB; ONNX Runtime differs by at most {difference:.1e}"
    )


@export.command()
@click.argument("model", shell_complete=known(packaged_presets, files=True))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--revision", default="main", show_default=True, help="Of a repository on the Hub.")
def half(model: str, folder: Path, revision: str) -> None:
    """Write a network in half the bytes: safetensors in float16, and its image processor.

    MODEL is a folder that training wrote, or a Hub id.

    \b
    Example:
      bdstr export half run/ dedecoder-half
    """
    refuse_unwritable(folder)
    need_models("train")
    from transformers.utils import logging

    from ..model.half import save_half

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    difference = save_half(model, folder, revision)
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    click.echo(f"{folder}: {size / 1e6:.1f} MB; its saliency differs by at most {difference:.1e}")
