"""A row in the making: what passes from stage to stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool

from bdstr import rle
from bdstr.masks import mask_png
from bdstr.schema import QUALITY, blank_row

from .photo import Photo
from .source import Item

Box = tuple[float, float, float, float]
"""x0 y0 x1 y1 in px; the last two lie just outside."""

SEGMENTS = "segment."
"""How the name of a stage begins that makes masks."""


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """Another mask that the segmenter offered for a box."""

    mask: Bool[np.ndarray, "h w"]
    predicted_iou: float


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One object.

    Args:
        box: around it.
        score: of the detector, 0..1; None where a person drew the box.
        phrase: what the detector took it for.
        mask: its pixels.
        predicted_iou: of the segmenter.
        stability: of the segmenter's mask under another threshold, 0..1.
        alternatives: other masks that it offered.
    """

    box: Box
    score: float | None = None
    phrase: str | None = None
    mask: Bool[np.ndarray, "h w"] | None = None
    predicted_iou: float | None = None
    stability: float | None = None
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A photograph and what is known of it so far.

    Args:
        item: which one.
        photo: its pixels.
        caption: what stands out in it, as a sentence.
        phrase: the same as the detector is asked for it.
        instances: the objects.
        mask: all of them together; None until it is made.
        uncertain: pixels whose label cannot be trusted.
        quality: see `bdstr.schema.QUALITY`.
        phash: of the photograph, see `phash`; None until a stage needs it.
    """

    item: Item
    photo: Photo
    caption: str | None = None
    phrase: str | None = None
    instances: tuple[Instance, ...] = ()
    mask: Bool[np.ndarray, "h w"] | None = None
    uncertain: Bool[np.ndarray, "h w"] | None = None
    quality: Mapping[str, float] = field(default_factory=dict)
    phash: int | None = None

    def but(self, **changes: Any) -> Draft:
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A photograph that gets no row.

    Args:
        key: which one.
        stage: what refused it.
        reason: a short, stable word for scripts.
        detail: what was found, what was expected.
        quality: the figures so far.
    """

    key: str
    stage: str
    reason: str
    detail: str
    quality: Mapping[str, float] = field(default_factory=dict)

    def to_row(self) -> dict[str, Any]:
        figures = {name: self.quality.get(name) for name in QUALITY}
        return {"key": self.key, "stage": self.stage, "reason": self.reason, "detail": self.detail, **figures}


Run = Callable[[Sequence[Draft]], list["Draft | Rejected"]]
"""A stage at work: one answer for each draft, in their order."""


@runtime_checkable
class Stage(Protocol):
    """What a recipe names: parameters that are data, and what they build once in each process."""

    name: str
    version: int

    def build(self) -> Run: ...


@dataclass(frozen=True, slots=True)
class Around:
    """What a run knows beside a stage's own parameters.

    Args:
        earlier: names of the stages before, and what they built.
        hashes: lists of the hashes of all photographs of the run; None where nobody made them.
    """

    earlier: Sequence[tuple[str, Run]] = ()
    hashes: Sequence[Path] | None = None


@runtime_checkable
class Placed(Protocol):
    """A stage that needs more than its parameters: it is built among the others."""

    def build_in(self, around: Around) -> Run: ...


def to_row(draft: Draft, recipe: str) -> dict[str, Any]:
    """The row of a finished draft, without what is known of it beforehand: its category, source and licence.

    Args:
        draft: with a mask.
        recipe: the recipe's fingerprint.
    """
    if draft.mask is None:
        raise ValueError(f"{draft.item.key}: no mask; expected a recipe that ends with one")
    mask = draft.mask.astype(np.uint8) * np.uint8(255)
    row = blank_row(draft.item.key, draft.photo.data, draft.photo.name, mask_png(mask))
    return row | {
        "caption": draft.caption,
        "phrase": draft.phrase,
        "instances": [_instance_row(instance) for instance in draft.instances],
        "uncertain": rle.encode(draft.uncertain) if draft.uncertain is not None else None,
        "quality": {name: draft.quality.get(name) for name in QUALITY},
        "recipe": recipe,
    }


def _instance_row(instance: Instance) -> dict[str, Any]:
    return {
        "box": [float(side) for side in instance.box],
        "score": instance.score,
        "phrase": instance.phrase,
        "predicted_iou": instance.predicted_iou,
        "stability": instance.stability,
        "rle": rle.encode(instance.mask) if instance.mask is not None else None,
        "alternatives": [
            {"predicted_iou": one.predicted_iou, "rle": rle.encode(one.mask)} for one in instance.alternatives
        ],
    }
