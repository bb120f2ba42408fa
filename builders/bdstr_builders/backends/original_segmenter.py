"""SAM as its authors publish it: the package segment-anything, a .pth checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from bdstr.errors import RecipeError

from ..checkpoint import Checkpoint, file_of
from ..draft import Box
from .loading import pick_device, pick_dtype
from .masks import Masks, at_full_size, scaled
from .originals import import_original
from .segmenter import BOXES
from .weights import Weights, fill, read_weights

KINDS = {768: "vit_b", 1024: "vit_l", 1280: "vit_h"}
"""Width of the image encoder -> its name in segment-anything."""
WIDTH = "image_encoder.pos_embed"


@dataclass(frozen=True, slots=True, eq=False)
class OriginalSegmenter:
    """The original model with what feeds it.

    Args:
        model: a `segment_anything.modeling.Sam`.
        dtype: of its image encoder; the rest is float32.
    """

    model: Any
    dtype: torch.dtype

    @property
    def side(self) -> int:
        """Of the square that a photograph is scaled into, px."""
        return int(self.model.image_encoder.img_size)

    def segment(self, asked: Sequence[tuple[UInt8[np.ndarray, "_ _ 3"], Sequence[Box]]]) -> list[Masks]:
        """Masks for the boxes of each photograph.

        The encoder sees the photographs together, each in a square of its own; all boxes of one are decoded
        together. What others are in the batch changes no more than the last bits of a sum.
        """
        with torch.inference_mode():
            scaled_down = [self._shrunk(photo) for photo, _ in asked]
            squares = torch.stack([self.model.preprocess(photo) for photo in scaled_down])
            features = self.model.image_encoder(squares.to(self.dtype)).float()
            return [
                self._decode(features[i], photo, boxes, scaled_down[i].shape[1:])
                for i, (photo, boxes) in enumerate(asked)
            ]

    def _shrunk(self, photo: UInt8[np.ndarray, "h w 3"]) -> Float32[torch.Tensor, "3 _ _"]:
        transforms = import_original("segment_anything.utils.transforms")
        small = transforms.ResizeLongestSide(self.side).apply_image(photo)
        pixels = torch.from_numpy(small).to(self.model.device)
        return pixels.permute(2, 0, 1).float()

    def _decode(
        self,
        features: Float32[torch.Tensor, "c s s"],
        photo: UInt8[np.ndarray, "_ _ 3"],
        boxes: Sequence[Box],
        inner: Sequence[int],
    ) -> Masks:
        logits, scores = [], []
        for part in torch.split(scaled(boxes, photo, inner).to(self.model.device), BOXES):
            sparse, dense = self.model.prompt_encoder(points=None, boxes=part, masks=None)
            low, likely = self.model.mask_decoder(
                image_embeddings=features[None],
                image_pe=self.model.prompt_encoder.get_dense_pe(),
                sparse_prompt_embeddings=sparse,
                dense_prompt_embeddings=dense,
                multimask_output=True,
            )
            logits.append(low)
            scores.append(likely)
        square = (self.side, self.side)
        return at_full_size(torch.cat(logits), torch.cat(scores), inner, square, photo.shape[:2])


def load_original_segmenter(checkpoint: Checkpoint) -> OriginalSegmenter:
    """A segmenter from a .pth file; only its image encoder runs in half precision.

    Raises:
        RecipeError: it cannot be loaded.
    """
    device = pick_device(checkpoint.device)
    dtype = pick_dtype(checkpoint.dtype, device)
    file = file_of(checkpoint.model)
    weights = read_weights(file)
    model = import_original("segment_anything").sam_model_registry[kind_of(weights, file)]()
    fill(model, weights, file)
    model.to(device).eval()
    model.image_encoder.to(dtype)
    return OriginalSegmenter(model, dtype)


def kind_of(weights: Weights, file: Path) -> str:
    """Which of the published models some weights are of.

    Raises:
        RecipeError: none of them.

    Example:
        >>> kind_of({"image_encoder.pos_embed": torch.zeros(1, 64, 64, 1280)}, Path("sam_vit_h_4b8939.pth"))
        'vit_h'
    """
    if WIDTH not in weights:
        raise RecipeError(f"{file} is no SAM: it lacks {WIDTH!r}; expected e.g. sam_vit_h_4b8939.pth")
    width = weights[WIDTH].shape[-1]
    if width not in KINDS:
        known = ", ".join(f"{kind} ({one})" for one, kind in KINDS.items())
        raise RecipeError(f"{file}: an image encoder {width} wide; expected that of {known}")
    return KINDS[width]
