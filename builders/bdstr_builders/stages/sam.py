"""Masks by SAM from boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..checkpoint import Checkpoint, need_models
from ..draft import Alternative, Draft, Instance, Rejected, Run

if TYPE_CHECKING:
    from ..backends.segmenter import Masks, Segmenter


@dataclass(frozen=True, slots=True)
class Sam:
    """Segments each box; the mask is the union of the best masks.

    Of the three masks that SAM offers for a box, the one of the highest predicted IoU is the instance's mask,
    and the other two are its alternatives.

    Args:
        model: a Hub id or a local folder.
        revision: of the Hub repository, a commit.
        dtype: ``auto``, ``float32``, ``bfloat16`` or ``float16``.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
        batch: photographs at a time; all their boxes go together.
        uncertain_logit: a pixel is uncertain where the union's logit is nearer to 0. Ours: 1, the offset of
            SAM's stability score, so that what the score doubts is what is marked (27 to 73 % likely).
    """

    name: ClassVar[str] = "segment.sam"
    version: ClassVar[int] = 1
    model: str = "facebook/sam-vit-huge"
    revision: str = "main"
    dtype: str = "auto"
    device: str = "auto"
    batch: int = 4
    uncertain_logit: float = 1.0

    def build(self) -> Run:
        need_models("generate")
        from ..backends.segmenter import load_segmenter

        segmenter = load_segmenter(Checkpoint(self.model, self.revision, self.dtype, self.device, self.batch))
        return lambda drafts: self._segment(drafts, segmenter)

    def _segment(self, drafts: Sequence[Draft], segmenter: Segmenter) -> list[Draft | Rejected]:
        from ..backends.batching import in_batches

        asked = [
            (draft.photo.rgb, [instance.box for instance in draft.instances])
            for draft in drafts
            if draft.instances
        ]
        answers: Iterator[Masks] = iter(in_batches(segmenter.segment, asked, self.batch))
        return [
            self._with_masks(draft, next(answers)) if draft.instances else _no_box(draft) for draft in drafts
        ]

    def _with_masks(self, draft: Draft, answer: Masks) -> Draft | Rejected:
        mask = answer.union_logits > 0
        if not mask.any():
            detail = f"nothing in its {len(draft.instances)} boxes has a logit over 0"
            return Rejected(draft.item.key, self.name, "empty-mask", detail)
        return draft.but(
            instances=tuple(_masked(one, answer, i) for i, one in enumerate(draft.instances)),
            mask=mask,
            uncertain=np.abs(answer.union_logits) < self.uncertain_logit,
        )


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


def _no_box(draft: Draft) -> Rejected:
    return Rejected(draft.item.key, Sam.name, "no-box", "no box; expected a stage before that gives one")
