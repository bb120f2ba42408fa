"""A box without any text: around what a classical saliency map finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from jaxtyping import UInt8

from ..draft import Box, Draft, Instance, Rejected, Run

WORKING_SIDE_PX = 256


@dataclass(frozen=True, slots=True)
class SaliencyBox:
    """Proposes one box where there is none: around the largest salient part.

    The map is frequency-tuned saliency (Achanta et al., CVPR 2009), cut where Otsu's method says.

    Args:
        min_area: a part that is a smaller share of the image is no object.
    """

    name: ClassVar[str] = "ground.saliency"
    version: ClassVar[int] = 1
    min_area: float = 0.005

    def build(self) -> Run:
        return lambda drafts: [self._propose(draft) for draft in drafts]

    def _propose(self, draft: Draft) -> Draft | Rejected:
        if draft.instances:
            return draft
        found = propose_box(draft.photo.rgb, self.min_area)
        if found is None:
            detail = f"no part over {self.min_area:.1%} of the image stands out"
            return Rejected(draft.item.key, self.name, "no-box", detail)
        return draft.but(instances=(Instance(box=found[0], score=found[1], phrase=draft.phrase),))


def propose_box(rgb: UInt8[np.ndarray, "h w 3"], min_area: float) -> tuple[Box, float] | None:
    """The box around the largest salient part, and its mean saliency, 0..1; None where there is none."""
    from sodeval.demo.saliency import frequency_tuned

    height, width = rgb.shape[:2]
    scale = min(1.0, WORKING_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    saliency = frequency_tuned(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA))
    _, salient = cv2.threshold(saliency, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    found = largest_part(saliency, salient, min_area)
    if found is None:
        return None
    (x0, y0, x1, y1), score = found
    across, down = width / size[0], height / size[1]
    return (x0 * across, y0 * down, min(float(width), x1 * across), min(float(height), y1 * down)), score


def largest_part(
    saliency: UInt8[np.ndarray, "h w"], salient: UInt8[np.ndarray, "h w"], min_area: float
) -> tuple[Box, float] | None:
    """The box around the largest connected part, and its mean saliency, 0..1; None where all are too small.

    Args:
        saliency: 0 to 255.
        salient: not 0 on the parts.
        min_area: share of the image that a part must have.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(salient)
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if stats[largest, cv2.CC_STAT_AREA] < min_area * salient.size:
        return None
    x, y, w, h = (float(side) for side in stats[largest, :4])
    return (x, y, x + w, y + h), float(saliency[labels == largest].mean() / 255)
