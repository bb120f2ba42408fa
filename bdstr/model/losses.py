"""The loss of DEDecoder: BCE on edges, partial BCE and IoU on saliency."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def partial_bce(
    logits: Tensor, target: Tensor, known: Tensor | None = None, balanced: bool = False
) -> Tensor:
    """Binary cross-entropy over the pixels whose label is known (Tang et al., CVPR 2018).

    Args:
        logits: of saliency, any shape.
        target: 0 to 1, of the same shape.
        known: non-zero where the target can be trusted; all of it where None. With all known this is plain
            binary cross-entropy.
        balanced: average foreground and background apart and add them, so that small objects weigh as much.

    Returns:
        A number; 0 where nothing is known.

    Example:
        >>> partial_bce(torch.tensor([0.0, 9.0]), torch.tensor([1.0, 0.0]), torch.tensor([True, False]))
        tensor(0.6931)
    """
    logits, target = logits.float(), target.float()
    each = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    weight = torch.ones_like(each) if known is None else (known != 0).to(each.dtype)
    if not balanced:
        return _mean(each, weight)
    return _mean(each, weight * target) + _mean(each, weight * (1 - target))


def iou_loss(logits: Tensor, target: Tensor, known: Tensor | None = None) -> Tensor:
    """Soft intersection over union, ``1 - (I + 1) / (U + 1)`` an image, averaged (Qin et al., CVPR 2019).

    The ones keep an empty target with an empty prediction at 0, and its gradient finite.

    Args:
        logits: of saliency, ``b 1 h w``.
        target: 0 to 1, of the same shape.
        known: non-zero where the target can be trusted; other pixels count neither in I nor in U.

    Example:
        >>> empty = torch.zeros(1, 1, 2, 2)
        >>> iou_loss(empty - 100, empty)
        tensor(0.)
    """
    probability, target = logits.float().sigmoid(), target.float()
    if known is not None:
        probability, target = probability * (known != 0), target * (known != 0)
    intersection = (probability * target).flatten(1).sum(1)  # b
    union = (probability + target).flatten(1).sum(1) - intersection
    return (1 - (intersection + 1) / (union + 1)).mean()


def edge_target(target: Tensor, width_px: int) -> Tensor:
    """The band along the outline of a mask: its morphological gradient, as `bdstr.edges` draws it.

    Args:
        target: ``b 1 h w``, over 0.5 on the object.
        width_px: side of the square that the outline is drawn with, an odd number from 3.

    Returns:
        1.0 on the band, 0.0 elsewhere, ``b 1 h w``.
    """
    salient = (target > 0.5).float()
    grown = functional.max_pool2d(salient, width_px, 1, width_px // 2)
    shrunk = -functional.max_pool2d(-salient, width_px, 1, width_px // 2)
    return grown - shrunk


def _mean(each: Tensor, weight: Tensor) -> Tensor:
    # Targets with soft edges weigh less than 1 in all where hardly anything is known: no clamp at 1.
    return (each * weight).sum() / weight.sum().clamp(min=torch.finfo(each.dtype).tiny)
