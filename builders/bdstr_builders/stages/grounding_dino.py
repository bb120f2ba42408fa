"""Boxes by Grounding DINO around what a phrase names, where nobody has drawn one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bdstr.extras import need_models

from ..checkpoint import Checkpoint
from ..draft import Run
from .grounding import Grounding, Least


@dataclass(frozen=True, slots=True)
class GroundingDino:
    """Asks for each photograph's own phrases, and rejects those in which none of them is found.

    The thresholds are ours: the paper's are not known.

    Args:
        model: a Hub id or a local folder.
        revision: of the Hub repository, a commit.
        dtype: ``float32``, ``float16``, ``bfloat16`` or ``auto``; float32 where half precision fails.
            bfloat16 has 8 bits for where a box is, which is 4 px in 1,000.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
        batch: photographs at a time.
        box_threshold: a box stays whose best token is over it, 0..1.
        text_threshold: a token over it speaks for its phrase, 0..1.
        nms_iou: of two boxes that overlap by more, the better stays; the model itself lets both through.
        retry_threshold: for boxes, where none is over `box_threshold`.
    """

    name: ClassVar[str] = "ground.dino"
    version: ClassVar[int] = 1
    model: str = "IDEA-Research/grounding-dino-tiny"
    revision: str = "main"
    dtype: str = "float32"
    device: str = "auto"
    batch: int = 8
    box_threshold: float = 0.30
    text_threshold: float = 0.25
    nms_iou: float = 0.8
    retry_threshold: float = 0.20

    def build(self) -> Run:
        need_models("generate")
        from ..backends.detector import load_detector

        detector = load_detector(Checkpoint(self.model, self.revision, self.dtype, self.device, self.batch))
        least = Least(self.box_threshold, self.text_threshold, self.nms_iou, self.retry_threshold)
        return Grounding(self.name, detector, self.batch, least)
