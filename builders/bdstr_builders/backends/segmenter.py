"""SAM: a mask from a box (Kirillov et al., ICCV 2023)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float32, UInt8

from ..checkpoint import Checkpoint
from ..draft import Box
from .loading import load_image_processor, load_model, pick_device, pick_dtype

BOXES = 64
"""Boxes that are decoded together: each repeats its photograph's features, 4 MiB of them in float32."""
LOGITS = 1 << 26
"""Logits at a photograph's own size that are held together: 256 MiB in float32."""
OFFSET = 1.0
"""Of the two thresholds between which a mask is stable, in logits: as in the reference."""


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """What SAM offers for the boxes of one photograph, in their order.

    Args:
        masks: three a box, the best by predicted IoU first.
        predicted_iou: of each, by the model itself.
        stability: of the best, the IoU of the mask at logits over +1 and over -1; 0 where both are empty.
        union_logits: of the best masks, the highest at each pixel.
    """

    masks: Bool[np.ndarray, "boxes three h w"]
    predicted_iou: Float32[np.ndarray, "boxes three"]
    stability: Float32[np.ndarray, " boxes"]
    union_logits: Float32[np.ndarray, "h w"]


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
        boxes = [_scaled(boxes, photo, shape) for (photo, boxes), shape in zip(asked, shapes, strict=True)]
        with torch.inference_mode():
            features = self.model.get_image_embeddings(
                inputs.pixel_values.to(self.model.device, self.dtype)
            ).float()
            logits, scores = self._decode(features, boxes)
            counts = [len(one) for one in boxes]
            parts = zip(torch.split(logits, counts), torch.split(scores, counts), strict=True)
            return [
                self._at_full_size(*part, shape, photo.shape[:2])
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

    def _at_full_size(
        self,
        logits: Float32[torch.Tensor, "n three m m"],
        scores: Float32[torch.Tensor, "n three"],
        inner: Sequence[int],
        shape: tuple[int, int],
    ) -> Masks:
        scores, order = scores.sort(dim=1, descending=True, stable=True)
        logits = torch.stack([one[best] for one, best in zip(logits, order, strict=True)])
        masks, stability, union = [], [], torch.full(shape, -torch.inf, device=logits.device)
        for full in self._grown(logits, inner, shape):  # boxes three h w
            masks.append((full > 0).cpu())  # a bool a pixel leaves the GPU, a quarter of the logits
            stability.append(_stability(full[:, 0]))
            union = torch.maximum(union, full[:, 0].amax(0))
        return Masks(
            torch.cat(masks).numpy(),
            scores.cpu().numpy(),
            torch.cat(stability).cpu().numpy(),
            union.cpu().numpy(),
        )

    def _grown(
        self, logits: Float32[torch.Tensor, "n three m m"], inner: Sequence[int], shape: tuple[int, int]
    ) -> Iterator[Float32[torch.Tensor, "_ three h w"]]:
        """Logits as the reference brings them to a photograph's size: up to the square, cut, up or down."""
        side = self.images.pad_size["height"], self.images.pad_size["width"]
        a_box = logits.shape[1] * max(shape[0] * shape[1], side[0] * side[1])
        for part in torch.split(logits, max(1, LOGITS // a_box)):
            square = _resized(part, side)
            yield _resized(square[..., : inner[0], : inner[1]], shape)


def _resized(
    logits: Float32[torch.Tensor, "n k _ _"], shape: tuple[int, int]
) -> Float32[torch.Tensor, "n k h w"]:
    return torch.nn.functional.interpolate(logits, shape, mode="bilinear", align_corners=False)


def _stability(logits: Float32[torch.Tensor, "n h w"]) -> Float32[torch.Tensor, " n"]:
    inside = (logits > OFFSET).sum((-2, -1))  # a part of the other, so this is the intersection
    outside = (logits > -OFFSET).sum((-2, -1))
    return inside / outside.clamp(min=1)


def _scaled(
    boxes: Sequence[Box], photo: UInt8[np.ndarray, "h w 3"], shape: Sequence[int]
) -> Float32[torch.Tensor, "n 4"]:
    """Boxes in px of the square that the photograph is scaled into."""
    height, width = photo.shape[:2]
    down, across = shape[0] / height, shape[1] / width
    return torch.tensor(boxes, dtype=torch.float32) * torch.tensor([across, down, across, down])


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
