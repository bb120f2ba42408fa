"""Of boxes that overlap, the best."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float64


def keep_best(boxes: Float[np.ndarray, "n 4"], scores: Float[np.ndarray, " n"], most_iou: float) -> list[int]:
    """Non-maximum suppression: the numbers of the boxes that stay, best first.

    From the best score down, a box stays unless it overlaps with one that stays by more than `most_iou`. Of
    equal scores the earlier goes first.

    Args:
        boxes: x0 y0 x1 y1.
        scores: of each.
        most_iou: 0..1.

    Example:
        >>> boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30]], float)
        >>> keep_best(boxes, np.array([0.5, 0.9, 0.4]), 0.8)
        [1, 2]
    """
    left = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while left.size:
        best, left = int(left[0]), left[1:]
        kept.append(best)
        left = left[iou(boxes[best], boxes[left]) <= most_iou]
    return kept


def iou(box: Float[np.ndarray, "4"], others: Float[np.ndarray, "n 4"]) -> Float64[np.ndarray, " n"]:
    """Intersection over union of a box with each of some others, 0..1; 0 where both are empty.

    Example:
        >>> iou(np.array([0.0, 0, 2, 2]), np.array([[0.0, 0, 2, 1]])).tolist()
        [0.5]
    """
    one, all_ = box.astype(float), others.astype(float)
    sides = np.minimum(one[2:], all_[:, 2:]) - np.maximum(one[:2], all_[:, :2])
    shared = sides.clip(0).prod(1)
    union = (one[2:] - one[:2]).prod() + (all_[:, 2:] - all_[:, :2]).prod(1) - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))
