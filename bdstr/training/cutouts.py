"""The object of a photograph on transparency."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from torch import nn

from sodeval.outputs.atomic import write_atomically

from ..model.image_processing_dedecoder import DEDecoderImageProcessor
from .example import read_rgb
from .maps_folder import png
from .saliency import pixel_values, saliency_maps


def write_cutout(data: bytes, file: Path, network: nn.Module, processor: DEDecoderImageProcessor) -> float:
    """Writes a photograph with its saliency as alpha, as a PNG of its size.

    Args:
        data: the photograph.
        file: the PNG.
        network: ready to answer.
        processor: of the network.

    Returns:
        The share of the photograph that is kept, 0 to 1.

    Raises:
        SourceError: the photograph cannot be decoded.
    """
    rgb = read_rgb(data)
    (saliency,) = saliency_maps(network, processor, [pixel_values(processor, rgb)], [rgb.shape[:2]])
    profile = _profile(data)  # without it, colours would change
    image = Image.fromarray(cutout(rgb, saliency))
    write_atomically(file, png(image, **({"icc_profile": profile} if profile else {})))
    return float(saliency.mean() / 255)


def _profile(data: bytes) -> bytes | None:
    """The colour profile of a photograph, where it is one of red, green and blue: its pixels are that now."""
    profile: bytes = Image.open(io.BytesIO(data)).info.get("icc_profile") or b""
    return profile if profile[16:20] == b"RGB " else None  # ICC.1:2022, 7.2.6: the data's colour space


def cutout(rgb: UInt8[np.ndarray, "h w 3"], saliency: UInt8[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w 4"]:
    """Red, green, blue, and saliency as alpha.

    Example:
        >>> cutout(np.full((1, 1, 3), 7, np.uint8), np.full((1, 1), 255, np.uint8)).tolist()
        [[[7, 7, 7, 255]]]
    """
    return np.dstack([rgb, saliency])
