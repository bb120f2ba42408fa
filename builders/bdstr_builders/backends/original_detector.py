"""Grounding DINO as its authors publish it: the package groundingdino-py, a .pth checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from ..checkpoint import Checkpoint, file_of
from .detector import Answers, in_px
from .loading import load_tokenizer, pick_device
from .original_dino import build_dino, settings_of
from .originals import import_original
from .question import Question, ask
from .weights import fill, read_weights

TRAINING_ONLY = frozenset({"label_enc.weight", "bert.embeddings.position_ids"})
"""What the published checkpoints hold and the model has no place for."""
SHORTEST_PX, LONGEST_PX = 800, 1333
"""To which a photograph is scaled: as in the package."""


@dataclass(frozen=True, slots=True, eq=False)
class OriginalDetector:
    """The original model with what feeds it, in float32: its sampling is written for no other precision.

    Args:
        model: a `GroundingDINO`, of `build_dino`.
        tokens: the tokenizer of its text encoder.
        device: that holds it.
        shortest_px: to which the shorter side of a photograph is scaled.
        longest_px: that the longer may have then.
    """

    model: Any
    tokens: Any
    device: torch.device
    shortest_px: int = SHORTEST_PX
    longest_px: int = LONGEST_PX

    @property
    def most_tokens(self) -> int:
        """A question with more is cut by the model."""
        return int(self.model.max_text_len)

    def ask(self, phrases: Sequence[str]) -> Question:
        return ask(phrases, self.tokens)

    def answer(self, asked: Sequence[tuple[UInt8[np.ndarray, "_ _ 3"], Question]]) -> list[Answers]:
        """What the model says of each photograph to its own question.

        In a batch a photograph is padded with zeros to the longest sides and a question to the longest, as
        in `Detector.answer`. The same batch gives the same answer.
        """
        misc = import_original("groundingdino.util.misc")
        photos = misc.nested_tensor_from_tensor_list([self._pixels(photo) for photo, _ in asked])
        with torch.inference_mode():
            out = self.model(photos.to(self.device), captions=[question.tokens for _, question in asked])
        likely = out["pred_logits"].sigmoid().cpu().numpy()
        boxes = out["pred_boxes"].cpu().numpy()
        return [
            Answers(in_px(boxes[i], photo.shape[:2]), likely[i, :, : len(question.tokens)])
            for i, (photo, question) in enumerate(asked)
        ]

    def _pixels(self, photo: UInt8[np.ndarray, "_ _ 3"]) -> Float32[torch.Tensor, "3 _ _"]:
        from PIL import Image
        from transformers.utils.constants import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD

        transforms = import_original("groundingdino.datasets.transforms")
        small, _ = transforms.resize(Image.fromarray(photo), None, self.shortest_px, self.longest_px)
        pixels, _ = transforms.ToTensor()(small, None)
        pixels, _ = transforms.Normalize(IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD)(pixels, None)
        made: torch.Tensor = pixels
        return made


def load_original_detector(checkpoint: Checkpoint, text_encoder: Checkpoint) -> OriginalDetector:
    """A detector from a .pth file.

    Args:
        checkpoint: the file.
        text_encoder: the BERT whose tokenizer and sizes it was trained with. Its weights are not read: the
            file holds them as they were trained.

    Raises:
        RecipeError: it cannot be loaded.
    """
    device, file = pick_device(checkpoint.device), file_of(checkpoint.model)
    weights = read_weights(file, below="model")
    tokens = load_tokenizer(text_encoder)
    model = build_dino(settings_of(weights, file), text_encoder, tokens)
    fill(model, weights, file, TRAINING_ONLY)
    return OriginalDetector(model.to(device).eval(), tokens, device)
