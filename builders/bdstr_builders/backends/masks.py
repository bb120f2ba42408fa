"""SAM's masks at a photograph's own size, however the model was loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float32, UInt8

from ..draft import Box

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


def at_full_size(
    logits: Float32[torch.Tensor, "n three m m"],
    scores: Float32[torch.Tensor, "n three"],
    inner: Sequence[int],
    side: tuple[int, int],
    shape: tuple[int, int],
) -> Masks:
    """The masks of one photograph, the best of each box first.

    Args:
        logits: of three masks a box, as the model gives them.
        scores: the predicted IoU of each.
        inner: height and width of the photograph within the model's square.
        side: height and width of the square, px.
        shape: height and width of the photograph.
    """
    scores, order = scores.sort(dim=1, descending=True, stable=True)
    logits = torch.stack([one[best] for one, best in zip(logits, order, strict=True)])
    masks, stability, union = [], [], torch.full(shape, -torch.inf, device=logits.device)
    for full in _grown(logits, inner, side, shape):  # boxes three h w
        masks.append((full > 0).cpu())  # a bool a pixel leaves the GPU, a quarter of the logits
        stability.append(stability_of(full[:, 0]))
        union = torch.maximum(union, full[:, 0].amax(0))
    return Masks(
        torch.cat(masks).numpy(),
        scores.cpu().numpy(),
        torch.cat(stability).cpu().numpy(),
        union.cpu().numpy(),
    )


def _grown(
    logits: Float32[torch.Tensor, "n three m m"],
    inner: Sequence[int],
    side: tuple[int, int],
    shape: tuple[int, int],
) -> Iterator[Float32[torch.Tensor, "_ three h w"]]:
    """Logits as the reference brings them to a photograph's size: up to the square, cut, up or down."""
    a_box = logits.shape[1] * max(shape[0] * shape[1], side[0] * side[1])
    for part in torch.split(logits, max(1, LOGITS // a_box)):
        square = _resized(part, side)
        yield _resized(square[..., : inner[0], : inner[1]], shape)


def _resized(
    logits: Float32[torch.Tensor, "n k _ _"], shape: tuple[int, int]
) -> Float32[torch.Tensor, "n k h w"]:
    return torch.nn.functional.interpolate(logits, shape, mode="bilinear", align_corners=False)


def stability_of(logits: Float32[torch.Tensor, "n h w"]) -> Float32[torch.Tensor, " n"]:
    """The IoU of the masks at logits over +1 and over -1; 0 where both are empty."""
    inside = (logits > OFFSET).sum((-2, -1))  # a part of the other, so this is the intersection
    outside = (logits > -OFFSET).sum((-2, -1))
    return inside / outside.clamp(min=1)


def scaled(
    boxes: Sequence[Box], photo: UInt8[np.ndarray, "h w 3"], shape: Sequence[int]
) -> Float32[torch.Tensor, "n 4"]:
    """Boxes in px of the square that the photograph is scaled into."""
    height, width = photo.shape[:2]
    down, across = shape[0] / height, shape[1] / width
    return torch.tensor(boxes, dtype=torch.float32) * torch.tensor([across, down, across, down])
