"""Figures of a mask's quality; see `bdstr.schema.QUALITY`."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Bool

MIN_PART = 0.001
"""A connected part that is a smaller share of the image is a speck, and not counted."""


def measure(mask: Bool[np.ndarray, "h w"], boxes: Bool[np.ndarray, "h w"]) -> dict[str, float]:
    """The figures of `bdstr.schema.QUALITY` that a mask and its boxes tell.

    Example:
        >>> mask = np.zeros((8, 8), bool)
        >>> mask[2:6, 2:6] = True
        >>> measure(mask, mask)
        {'area': 0.25, 'border': 0.0, 'completeness': 1.0, 'components': 1.0, 'inversion': 0.0}
    """
    border = np.ones(mask.shape, bool)
    border[1:-1, 1:-1] = False
    inside = mask[~border].mean() if (~border).any() else 1.0
    on_border = float(mask[border].mean())
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    parts = int((stats[1:, cv2.CC_STAT_AREA] >= MIN_PART * mask.size).sum())
    return {
        "area": float(mask.mean()),
        "border": on_border,
        "completeness": float(mask[boxes].mean()) if boxes.any() else 1.0,
        "components": float(parts),
        "inversion": max(0.0, on_border - float(inside)),
    }
