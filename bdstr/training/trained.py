"""A trained network by its folder, its Hub id, or the name of a preset whose weights come with bdstr."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..model.image_processing_dedecoder import DEDecoderImageProcessor
from ..model.loading import load
from ..model.modeling_dedecoder import DEDecoderForSalientObjectDetection
from ..model.presets import PRESETS
from ..packaged import packaged_folder

PICKLES = (".pth", ".pt", ".bin", ".ckpt", ".pkl")


def trained_network(
    model: str, device: str = "auto", revision: str = "main"
) -> tuple[DEDecoderForSalientObjectDetection, DEDecoderImageProcessor]:
    """A trained network in float32, ready to answer.

    Args:
        model: a folder, a Hub id, or the name of a preset.
        device: as torch calls it; ``auto`` is the first GPU where there is one.
        revision: of the Hub repository.

    Raises:
        ModelError: it cannot be loaded, its weights are a pickle, or bdstr has none of that preset.
    """
    import torch

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    network: Any
    if model in PRESETS and not Path(model).is_dir():
        network, processor = _packaged(model)
    else:
        _refuse_pickles(Path(model).expanduser())
        network, processor = load(model, revision)
    try:
        return network.float().to(device), processor
    except (RuntimeError, AssertionError) as error:
        raise ModelError(f"no device {device!r} ({str(error).splitlines()[0]}); try --device cpu") from error


def _packaged(preset: str) -> tuple[DEDecoderForSalientObjectDetection, DEDecoderImageProcessor]:
    folder = packaged_folder(preset)
    if folder is None:
        raise ModelError(
            f"no trained weights of {preset} come with this bdstr; expected a folder or a Hub id: "
            f"bdstr train --preset {preset} --dataset ... --out run makes them, then --model run"
        )
    return load(folder)


def _refuse_pickles(path: Path) -> None:
    """Refuses what would run code when it is loaded."""
    inside = [file for file in path.iterdir() if file.suffix in PICKLES] if path.is_dir() else [path]
    safe = path.is_dir() and any(path.glob("*.safetensors"))
    for file in sorted(inside):
        if file.is_file() and file.suffix in PICKLES and not safe:
            raise ModelError(
                f"{file} is a pickle, which can run code when it is loaded; expected a folder with "
                "model.safetensors: load it where you trust it and call save_pretrained(folder)"
            )
