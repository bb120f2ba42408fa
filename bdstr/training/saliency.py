"""From photographs to saliency maps of their sizes, in 8 bits as they are saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor, nn

from ..model.image_processing_dedecoder import DEDecoderImageProcessor, to_image


def pixel_values(processor: DEDecoderImageProcessor, rgb: UInt8[np.ndarray, "h w 3"]) -> Tensor:
    """The network's input of one photograph, ``3 s s``: small, whatever its size."""
    values: Tensor = processor(Image.fromarray(rgb), return_tensors="pt").pixel_values[0]
    return values


@torch.inference_mode()
def saliency_maps(
    network: nn.Module,
    processor: DEDecoderImageProcessor,
    inputs: Sequence[Tensor],
    sizes: Sequence[tuple[int, int]],
) -> list[UInt8[np.ndarray, "_h _w"]]:
    """Saliency of a batch, 0 to 255, as the PNGs hold it.

    Args:
        network: ready to answer.
        processor: that the inputs were made with.
        inputs: ``3 s s`` each.
        sizes: heights and widths of the photographs, in px.
    """
    device: Any = next(network.parameters()).device
    outputs = network(torch.stack(list(inputs)).to(device))
    maps = processor.post_process_saliency(outputs, sizes)
    return [np.asarray(to_image(each)) for each in maps]
