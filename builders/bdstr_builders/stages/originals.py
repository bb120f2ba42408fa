"""Boxes and masks by the models as their authors publish them: .pth checkpoints, the extra ``original``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bdstr.extras import need_models

from ..checkpoint import Checkpoint
from ..draft import Run
from .cutting import Cutting
from .grounding import Grounding, Least

EXTRA = "original"


@dataclass(frozen=True, slots=True)
class GroundingDinoOriginal:
    """`GroundingDino` with groundingdino-py. It computes in float32.

    Args:
        model: a .pth file: groundingdino_swint_ogc.pth or groundingdino_swinb_cogcoor.pth.
        text_encoder: the BERT that it was trained with, a Hub id or a local folder. Its tokenizer and sizes
            are read; its weights are in `model`.
        text_encoder_revision: of the Hub repository, a commit.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
        batch: photographs at a time.
        box_threshold: a box stays whose best token is over it, 0..1.
        text_threshold: a token over it speaks for its phrase, 0..1.
        nms_iou: of two boxes that overlap by more, the better stays; the model itself lets both through.
        retry_threshold: for boxes, where none is over `box_threshold`.
    """

    name: ClassVar[str] = "ground.dino-original"
    version: ClassVar[int] = 1
    model: str = "groundingdino_swint_ogc.pth"
    text_encoder: str = "google-bert/bert-base-uncased"
    text_encoder_revision: str = "86b5e0934494bd15c9632b12f734a8a67f723594"
    device: str = "auto"
    batch: int = 8
    box_threshold: float = 0.30
    text_threshold: float = 0.25
    nms_iou: float = 0.8
    retry_threshold: float = 0.20

    def build(self) -> Run:
        need_models(EXTRA, "torchvision", "groundingdino")
        from ..backends.original_detector import load_original_detector

        detector = load_original_detector(
            Checkpoint(self.model, device=self.device, batch=self.batch),
            Checkpoint(self.text_encoder, self.text_encoder_revision),
        )
        least = Least(self.box_threshold, self.text_threshold, self.nms_iou, self.retry_threshold)
        return Grounding(self.name, detector, self.batch, least)


@dataclass(frozen=True, slots=True)
class SamOriginal:
    """`Sam` with segment-anything.

    Args:
        model: a .pth file: sam_vit_h_4b8939.pth, sam_vit_l_0b3195.pth or sam_vit_b_01ec64.pth.
        dtype: of the image encoder: ``auto``, ``float32``, ``bfloat16`` or ``float16``.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
        batch: photographs at a time.
        uncertain_logit: see `Sam`.
    """

    name: ClassVar[str] = "segment.sam-original"
    version: ClassVar[int] = 1
    model: str = "sam_vit_h_4b8939.pth"
    dtype: str = "auto"
    device: str = "auto"
    batch: int = 4
    uncertain_logit: float = 1.0

    def build(self) -> Run:
        need_models(EXTRA, "torchvision", "segment_anything")
        from ..backends.original_segmenter import load_original_segmenter

        checkpoint = Checkpoint(self.model, dtype=self.dtype, device=self.device, batch=self.batch)
        return Cutting(self.name, load_original_segmenter(checkpoint), self.batch, self.uncertain_logit)
