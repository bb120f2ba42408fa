"""SAM: a mask from a box (Kirillov et al., ICCV 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from ..checkpoint import Checkpoint
from ..draft import Box
from .loading import load_image_processor, load_model, pick_device, pick_dtype
from .masks import Masks, at_full_size, scaled

BOXES = 64
"""Boxes that are decoded together: each repeats its photograph's features, 4 MiB of them in float32."""


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter:
    """A segmenter with what feeds it.

    Args:
        model: a `SamModel`.
        images: its image processor.
        dtype: of its vision encoder; the rest is float32.
    """

    model: Any
    images: Any
    dtype: torch.dtype

    def segment(self, asked: Sequence[tuple[UInt8[np.ndarray, "_ _ 3"], Sequence[Box]]]) -> list[Masks]:
        """Masks for the boxes of each photograph.

        Every photograph fills the same square by itself and every box is decoded by itself: what others are
        in the batch changes no more than the last bits of a sum.
        """
        inputs = self.images(images=[photo for photo, _ in asked], return_tensors="pt")
        shapes = inputs.reshaped_input_sizes.tolist()
        boxes = [scaled(boxes, photo, shape) for (photo, boxes), shape in zip(asked, shapes, strict=True)]
        side = self.images.pad_size["height"], self.images.pad_size["width"]
        with torch.inference_mode():
            features = self.model.get_image_embeddings(
                inputs.pixel_values.to(self.model.device, self.dtype)
            ).float()
            logits, scores = self._decode(features, boxes)
            counts = [len(one) for one in boxes]
            parts = zip(torch.split(logits, counts), torch.split(scores, counts), strict=True)
            return [
                at_full_size(*part, shape, side, photo.shape[:2])
                for part, shape, (photo, _) in zip(parts, shapes, asked, strict=True)
            ]

    def _decode(
        self, features: Float32[torch.Tensor, "b c s s"], boxes: Sequence[Float32[torch.Tensor, "_ 4"]]
    ) -> tuple[Float32[torch.Tensor, "n three m m"], Float32[torch.Tensor, "n three"]]:
        """Low-resolution logits and predicted IoUs of all boxes, one photograph's after another's."""
        owners = torch.cat([torch.full((len(one),), i) for i, one in enumerate(boxes)])
        all_ = torch.cat(list(boxes))[:, None].to(self.model.device)
        logits, scores = [], []
        for part in torch.split(torch.arange(len(all_)), BOXES):
            out = self.model(
                image_embeddings=features[owners[part].to(features.device)],
                input_boxes=all_[part.to(all_.device)],
                multimask_output=True,
            )
            logits.append(out.pred_masks[:, 0])
            scores.append(out.iou_scores[:, 0])
        return torch.cat(logits), torch.cat(scores)


def load_segmenter(checkpoint: Checkpoint) -> Segmenter:
    """A segmenter from a folder or the Hub.

    Only the vision encoder runs in half precision. It does 99 % of the work; in bfloat16 the corner of a box
    in a square of 1024 px would be off by up to 2 px.

    Raises:
        RecipeError: it cannot be loaded.
    """
    device = pick_device(checkpoint.device)
    dtype = pick_dtype(checkpoint.dtype, device)
    model = load_model("SamModel", checkpoint, torch.float32, device)
    model.vision_encoder.to(dtype)
    return Segmenter(model, load_image_processor(checkpoint), dtype)
