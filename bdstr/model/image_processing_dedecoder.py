"""From photographs to the network's input, by PIL, and from its output back to their sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional
from transformers.dynamic_module_utils import custom_object_save
from transformers.image_processing_backends import PilBackend
from transformers.image_utils import PILImageResampling

SIDE_PX = 352
"""Of the square that photographs are scaled to: what the field trains at."""
IMAGENET_MEAN = [0.485, 0.456, 0.406]
IMAGENET_STD = [0.229, 0.224, 0.225]


class DEDecoderImageProcessor(PilBackend):
    """Scales photographs of any sizes and modes to one square, in RGB, normalised as ImageNet's are.

    Example:
        >>> processor = DEDecoderImageProcessor()
        >>> photos = [Image.new("RGB", (40, 30)), Image.new("L", (1, 90))]
        >>> processor(photos, return_tensors="pt").pixel_values.shape
        torch.Size([2, 3, 352, 352])
    """

    resample = PILImageResampling.BILINEAR
    image_mean = IMAGENET_MEAN
    image_std = IMAGENET_STD
    size = {"height": SIDE_PX, "width": SIDE_PX}  # noqa: RUF012  # as transformers declares it
    do_resize = True
    do_rescale = True
    do_normalize = True
    do_convert_rgb = True

    def to_dict(self) -> dict[str, Any]:
        """What is saved, without the name of this class.

        It stands in the model's ``auto_map``. Beside these fields, ``pipeline`` would take it for that of a
        video processor and ask whether its code can be trusted.
        """
        fields: dict[str, Any] = super().to_dict()
        return {name: value for name, value in fields.items() if name != "image_processor_type"}

    def save_pretrained(
        self, save_directory: str | PathLike[str], push_to_hub: bool = False, **kwargs: Any
    ) -> Any:
        """Saves the fields and, for those who load the folder without bdstr, this file."""
        saved = super().save_pretrained(save_directory, push_to_hub, **kwargs)
        custom_object_save(self, save_directory)
        return saved

    def post_process_saliency(
        self, outputs: Any, target_sizes: Iterable[Sequence[int]] | None = None
    ) -> list[Tensor]:
        """Saliency maps at the sizes of the photographs.

        Args:
            outputs: of the model, for a batch.
            target_sizes: ``(height, width)`` of each photograph, in px; those of the input unless told.

        Returns:
            A float32 tensor ``h w``, 0 to 1, for each.

        Raises:
            ValueError: there are more or fewer sizes than maps.
        """
        maps = outputs.logits.float().sigmoid()  # b 1 s s
        sizes = [tuple(maps.shape[-2:])] * len(maps) if target_sizes is None else _sizes(target_sizes)
        if len(sizes) != len(maps):
            raise ValueError(f"{len(sizes)} target sizes for {len(maps)} saliency maps; expected one each")
        return [_resized(each, size) for each, size in zip(maps, sizes, strict=True)]

    def post_process_semantic_segmentation(
        self, outputs: Any, target_sizes: Iterable[Sequence[int]] | None = None, threshold: float = 0.5
    ) -> list[Tensor]:
        """Masks at the sizes of the photographs: what ``pipeline("image-segmentation")`` asks for.

        Args:
            outputs: of the model, for a batch.
            target_sizes: ``(height, width)`` of each photograph, in px.
            threshold: of saliency, over which a pixel belongs to the object.

        Returns:
            An int64 tensor ``h w`` for each: 1 on the salient object, 0 on the background.
        """
        return [(each > threshold).long() for each in self.post_process_saliency(outputs, target_sizes)]


def to_image(saliency: Tensor) -> Image.Image:
    """A saliency map ``h w``, 0 to 1, as a grey image of 0 to 255, to the nearest level."""
    levels = (saliency.float() * 255).round().clamp(0, 255).to(torch.uint8)
    return Image.fromarray(np.asarray(levels.cpu()))


def _sizes(target_sizes: Iterable[Sequence[int]]) -> list[tuple[int, int]]:
    return [(int(height), int(width)) for height, width in target_sizes]


def _resized(saliency: Tensor, size: tuple[int, int]) -> Tensor:
    full = functional.interpolate(
        saliency[None], size=size, mode="bilinear", align_corners=False, antialias=True
    )
    return full[0, 0].clamp(0, 1)
