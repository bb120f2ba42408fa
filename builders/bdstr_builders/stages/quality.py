"""Figures of a mask's quality, and the limits over which a row is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool

from bdstr.quality import measure

from ..draft import Draft, Rejected, Run


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures each mask, and rejects what no salient object looks like.

    Args:
        min_area: the least share of the image.
        max_area: the largest; 0.7 is S3OD's (ICLR 2026).
        max_components: so many connected parts at most; 5 is S3OD's.
        min_completeness: the least share of its boxes that the object must fill.
        max_inversion: how much more of the border than of the inside may be object.
    """

    name: ClassVar[str] = "check.quality"
    version: ClassVar[int] = 1
    min_area: float = 0.005
    max_area: float = 0.7
    max_components: int = 5
    min_completeness: float = 0.1
    max_inversion: float = 0.5

    def build(self) -> Run:
        return lambda drafts: [self._check(draft) for draft in drafts]

    def _check(self, draft: Draft) -> Draft | Rejected:
        if draft.mask is None:
            return Rejected(
                draft.item.key, self.name, "no-mask", "no mask; expected a stage before that makes one"
            )
        figures = {**draft.quality, **measure(draft.mask, _boxes(draft))}
        for reason, wrong, detail in self._limits(figures):
            if wrong:
                return Rejected(draft.item.key, self.name, reason, detail, figures)
        return draft.but(quality=figures)

    def _limits(self, f: Mapping[str, float]) -> list[tuple[str, bool, str]]:
        return [
            (
                "small",
                f["area"] < self.min_area,
                f"{f['area']:.2%} of the image; expected {self.min_area:.2%} or more",
            ),
            (
                "large",
                f["area"] > self.max_area,
                f"{f['area']:.1%} of the image; expected {self.max_area:.1%} or less",
            ),
            (
                "scattered",
                f["components"] > self.max_components,
                f"{f['components']:.0f} parts; expected {self.max_components} or fewer",
            ),
            (
                "incomplete",
                f["completeness"] < self.min_completeness,
                f"{f['completeness']:.1%} of its boxes; expected {self.min_completeness:.1%} or more",
            ),
            (
                "inverted",
                f["inversion"] > self.max_inversion,
                f"{f['inversion']:.2f} more on the border; expected {self.max_inversion:.2f} or less",
            ),
        ]


def _boxes(draft: Draft) -> Bool[np.ndarray, "h w"]:
    inside = np.zeros(draft.photo.shape, bool)
    for instance in draft.instances:
        x0, y0, x1, y1 = instance.box
        inside[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))] = True
    return inside
