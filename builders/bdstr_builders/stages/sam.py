"""Masks by SAM from boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bdstr.extras import need_models

from ..checkpoint import Checkpoint
from ..draft import Run
from .cutting import Cutting


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
        return Cutting(self.name, segmenter, self.batch, self.uncertain_logit)
