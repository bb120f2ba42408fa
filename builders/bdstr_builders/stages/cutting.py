"""Masks from boxes, by whichever segmenter a stage has loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..draft import Alternative, Draft, Instance, Rejected

if TYPE_CHECKING:
    from ..backends.masks import Masks
    from ..backends.original_segmenter import OriginalSegmenter
    from ..backends.segmenter import Segmenter


@dataclass(frozen=True, slots=True, eq=False)
class Cutting:
    """A segmenter at work: the mask is the union of the best masks of the boxes.

    Args:
        name: of the stage.
        segmenter: offers three masks a box.
        batch: photographs at a time; all their boxes go together.
        uncertain_logit: a pixel is uncertain where the union's logit is nearer to 0.
    """

    name: str
    segmenter: Segmenter | OriginalSegmenter
    batch: int
    uncertain_logit: float

    def __call__(self, drafts: Sequence[Draft]) -> list[Draft | Rejected]:
        from ..backends.batching import in_batches

        asked = [
            (draft.photo.rgb, [instance.box for instance in draft.instances])
            for draft in drafts
            if draft.instances
        ]
        answers: Iterator[Masks] = iter(in_batches(self.segmenter.segment, asked, self.batch))
        return [
            self.with_masks(draft, next(answers)) if draft.instances else self._no_box(draft)
            for draft in drafts
        ]

    def with_masks(self, draft: Draft, answer: Masks) -> Draft | Rejected:
        """The draft with what the segmenter says of its boxes."""
        mask = answer.union_logits > 0
        if not mask.any():
            detail = f"nothing in its {len(draft.instances)} boxes has a logit over 0"
            return Rejected(draft.item.key, self.name, "empty-mask", detail)
        return draft.but(
            instances=tuple(_masked(one, answer, i) for i, one in enumerate(draft.instances)),
            mask=mask,
            uncertain=np.abs(answer.union_logits) < self.uncertain_logit,
        )

    def _no_box(self, draft: Draft) -> Rejected:
        return Rejected(draft.item.key, self.name, "no-box", "no box; expected a stage before that gives one")


def _masked(instance: Instance, answer: Masks, number: int) -> Instance:
    masks, likely = answer.masks[number], answer.predicted_iou[number]
    return replace(
        instance,
        mask=masks[0],
        predicted_iou=float(likely[0]),
        stability=float(answer.stability[number]),
        alternatives=tuple(
            Alternative(mask, float(one)) for mask, one in zip(masks[1:], likely[1:], strict=True)
        ),
    )
