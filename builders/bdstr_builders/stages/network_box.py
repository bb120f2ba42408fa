"""A box without any text: around what a trained network of ours finds salient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from jaxtyping import UInt8

from bdstr.errors import RecipeError
from bdstr.extras import need_models

from ..draft import Box, Draft, Instance, Rejected, Run
from .saliency_box import largest_part

if TYPE_CHECKING:
    from bdstr.model import DEDecoderForSalientObjectDetection, DEDecoderImageProcessor

SALIENT = 128
"""Of the levels 0 to 255 of a map, the first that is salient."""


@dataclass(frozen=True, slots=True)
class NetworkBox:
    """Proposes one box where there is none: around the largest part that a network finds salient.

    Args:
        model: a preset whose weights come with bdstr, a local folder, or a Hub id.
        revision: of the Hub repository, a commit.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
        batch: photographs at a time.
        min_area: a part that is a smaller share of the image is no object.
    """

    name: ClassVar[str] = "ground.network"
    version: ClassVar[int] = 1
    model: str = "tiny"
    revision: str = "main"
    device: str = "auto"
    batch: int = 8
    min_area: float = 0.005

    def build(self) -> Run:
        need_models("train")
        from bdstr.errors import ModelError
        from bdstr.training.trained import trained_network

        try:
            network, processor = trained_network(self.model, self.device, self.revision)
        except ModelError as error:
            raise RecipeError(f"{self.name}: {error}") from error
        return Proposing(network, processor, self.batch, self.min_area)


@dataclass(frozen=True, slots=True, eq=False)
class Proposing:
    """A network at work.

    Args:
        network: ready to answer.
        processor: of the network.
        batch: photographs at a time.
        min_area: see `NetworkBox`.
    """

    network: DEDecoderForSalientObjectDetection
    processor: DEDecoderImageProcessor
    batch: int
    min_area: float

    def __call__(self, drafts: Sequence[Draft]) -> list[Draft | Rejected]:
        from ..backends.batching import in_batches

        open_ = [draft.photo.rgb for draft in drafts if not draft.instances]
        boxes = iter(in_batches(self._answer, open_, self.batch))
        return [draft if draft.instances else self._with_box(draft, next(boxes)) for draft in drafts]

    def _answer(self, photos: Sequence[UInt8[np.ndarray, "_h _w 3"]]) -> list[tuple[Box, float] | None]:
        from bdstr.training.saliency import pixel_values, saliency_maps

        inputs = [pixel_values(self.processor, rgb) for rgb in photos]
        maps = saliency_maps(self.network, self.processor, inputs, [rgb.shape[:2] for rgb in photos])
        return [largest_part(each, (each >= SALIENT).astype(np.uint8), self.min_area) for each in maps]

    def _with_box(self, draft: Draft, found: tuple[Box, float] | None) -> Draft | Rejected:
        if found is None:
            detail = f"no part over {self.min_area:.1%} of the image is salient"
            return Rejected(draft.item.key, NetworkBox.name, "no-box", detail)
        return draft.but(instances=(Instance(box=found[0], score=found[1], phrase=draft.phrase),))
