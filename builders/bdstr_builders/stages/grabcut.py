"""A mask from a box without a network: GrabCut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import cv2
import numpy as np
from jaxtyping import Bool, UInt8

from ..draft import Box, Draft, Instance, Rejected, Run


@dataclass(frozen=True, slots=True)
class GrabCut:
    """Segments each box by colour (Rother, Kolmogorov and Blake, SIGGRAPH 2004); the mask is their union.

    Args:
        iterations: of fitting colours and cutting.
        working_side_px: photographs whose longer side is longer are segmented at this size.
        seed: of the first fit of colours.
    """

    name: ClassVar[str] = "segment.grabcut"
    version: ClassVar[int] = 1
    iterations: int = 5
    working_side_px: int = 400
    seed: int = 7

    def build(self) -> Run:
        cv2.setNumThreads(1)  # the runner's processes do the parallel part
        return lambda drafts: [self._segment(draft) for draft in drafts]

    def _segment(self, draft: Draft) -> Draft | Rejected:
        if not draft.instances:
            return Rejected(
                draft.item.key, self.name, "no-box", "no box; expected a stage before that gives one"
            )
        instances = tuple(self._cut(draft.photo.rgb, instance) for instance in draft.instances)
        mask = union([instance.mask for instance in instances if instance.mask is not None])
        if not mask.any():
            return Rejected(
                draft.item.key, self.name, "empty-mask", "nothing in its boxes differs from around them"
            )
        return draft.but(instances=instances, mask=mask)

    def _cut(self, rgb: UInt8[np.ndarray, "h w 3"], instance: Instance) -> Instance:
        height, width = rgb.shape[:2]
        scale = min(1.0, self.working_side_px / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
        cut = cut_box(small, _scaled(instance.box, scale, size), self.iterations, self.seed)
        mask = cv2.resize(cut.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
        return replace(instance, mask=mask)


def _scaled(box: Box, scale: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    x0, y0 = int(box[0] * scale), int(box[1] * scale)
    x1, y1 = min(size[0], int(np.ceil(box[2] * scale))), min(size[1], int(np.ceil(box[3] * scale)))
    return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def cut_box(
    rgb: UInt8[np.ndarray, "h w 3"], box: tuple[int, int, int, int], iterations: int, seed: int
) -> Bool[np.ndarray, "h w"]:
    """The object in a box of whole pixels; the box itself where it leaves no background to learn from."""
    x0, y0, x1, y1 = box
    state = np.full(rgb.shape[:2], cv2.GC_BGD, np.uint8)
    state[y0:y1, x0:x1] = cv2.GC_PR_FGD
    if (state == cv2.GC_PR_FGD).all() or min(x1 - x0, y1 - y0) < 2:
        return np.asarray(state == cv2.GC_PR_FGD)
    cv2.setRNGSeed(seed)  # the fit of colours draws: the same photograph shall give the same mask
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    try:
        cv2.grabCut(rgb, state, (0, 0, 1, 1), background, foreground, iterations, cv2.GC_INIT_WITH_MASK)
    except cv2.error:  # too few pixels or colours for its mixtures
        return np.asarray(state == cv2.GC_PR_FGD)
    return np.asarray((state == cv2.GC_FGD) | (state == cv2.GC_PR_FGD))


def union(masks: Sequence[Bool[np.ndarray, "h w"]]) -> Bool[np.ndarray, "h w"]:
    """What lies in any of the masks."""
    return np.asarray(np.logical_or.reduce(masks))
