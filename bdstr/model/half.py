"""A network in half the bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ..errors import ModelError
from ..saving import saving
from .loading import load

AGREEMENT = 0.02
"""The most by which a saliency of 0 to 1 may differ: five of the 256 levels of a map."""


def save_half(model: str, folder: Path, revision: str = "main") -> float:
    """Writes a network with weights in float16, and its image processor. `bdstr predict` computes in float32.

    Args:
        model: a folder that `save_pretrained` wrote, or a Hub id.
        folder: a new one.
        revision: of the Hub repository.

    Returns:
        The largest difference of a saliency that the lost digits make.

    Raises:
        ModelError: the network cannot be loaded, the folder is there, or the answers differ by more than
            `AGREEMENT`.
        OutputError: the folder cannot be written to.
    """
    if folder.exists():
        raise ModelError(f"{folder} is there already; expected a new folder: choose another")
    network: Any
    network, processor = load(model, revision)
    size = processor.size["height"], processor.size["width"]
    before = _saliency(network.float(), size)
    difference = float((_saliency(network.half().float(), size) - before).abs().max())
    if not difference <= AGREEMENT:
        raise ModelError(
            f"{model}: in float16 its saliency differs by {difference:.2g}; expected at most {AGREEMENT}: "
            "keep it as it is"
        )
    with saving(folder):
        network.half().save_pretrained(folder)
        processor.save_pretrained(folder)
    return difference


def _saliency(network: Any, size: tuple[int, int]) -> torch.Tensor:
    pixels = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        saliency: torch.Tensor = network(pixels).saliency
    return saliency
