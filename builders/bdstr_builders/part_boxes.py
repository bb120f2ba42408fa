"""The boxes around the parts of a drawn mask."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import UInt8

MIN_PART = 0.001
"""A connected part that is a smaller share of the image gets no box of its own."""


def boxes_of(mask: UInt8[np.ndarray, "h w"]) -> list[list[int]]:
    """x0 y0 x1 y1 around each connected part, in px; the last two just outside.

    Example:
        >>> boxes_of(np.array([[0, 255, 0], [0, 255, 0]], np.uint8))
        [[1, 0, 2, 2]]
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    parts = [part for part in stats[1:].tolist() if part[cv2.CC_STAT_AREA] >= MIN_PART * mask.size]
    return [[x, y, x + width, y + height] for x, y, width, height, _ in parts]
