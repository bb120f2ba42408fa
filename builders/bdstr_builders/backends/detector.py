"""Grounding DINO: boxes around what a text names (Liu et al., ECCV 2024)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from ..checkpoint import Checkpoint
from .loading import load_image_processor, load_model, load_tokenizer, pick_device, pick_dtype
from .question import Question, ask, padded

logger = logging.getLogger(__name__)

KIND = "GroundingDinoForObjectDetection"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the model says of one photograph.

    Args:
        boxes: of each query, x0 y0 x1 y1 in px of the photograph.
        likely: of each query, for each token of the question, 0..1.
    """

    boxes: Float32[np.ndarray, "queries 4"]
    likely: Float32[np.ndarray, "queries tokens"]


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """A detector with what feeds it.

    Args:
        model: a `GroundingDinoForObjectDetection`.
        images: its image processor.
        tokens: its tokenizer.
    """

    model: Any
    images: Any
    tokens: Any

    @property
    def most_tokens(self) -> int:
        """A question with more is cut by the model."""
        return int(self.model.config.max_text_len)

    def ask(self, phrases: Sequence[str]) -> Question:
        return ask(phrases, self.tokens)

    def answer(self, asked: Sequence[tuple[UInt8[np.ndarray, "_ _ 3"], Question]]) -> list[Answers]:
        """What the model says of each photograph to its own question.

        In a batch a photograph is padded with zeros to the longest sides, and a question to the longest.
        Padding is masked, yet the backbone's windows and the sampled features at the border of a
        photograph see it: a score may move in its third digit. The same batch gives the same answer.
        """
        pixels = self.images(images=[photo for photo, _ in asked], return_tensors="pt")
        ids, mask = padded([question.tokens for _, question in asked], self.tokens.pad_token_id)
        device = self.model.device
        with torch.inference_mode():
            out = self.model(
                pixel_values=pixels.pixel_values.to(device, self.model.dtype),
                pixel_mask=pixels.pixel_mask.to(device),
                input_ids=ids.to(device),
                token_type_ids=torch.zeros_like(ids).to(device),
                attention_mask=mask.to(device),
            )
        likely = out.logits.float().sigmoid().cpu().numpy()
        boxes = out.pred_boxes.float().cpu().numpy()
        return [
            Answers(in_px(boxes[i], photo.shape[:2]), likely[i, :, : len(question.tokens)])
            for i, (photo, question) in enumerate(asked)
        ]


def in_px(boxes: Float32[np.ndarray, "n 4"], shape: tuple[int, int]) -> Float32[np.ndarray, "n 4"]:
    """From centre and sides, 0..1, to corners in px, inside the photograph."""
    height, width = shape
    half = boxes[:, 2:] / 2
    corners = np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], 1)
    return np.asarray(corners.clip(0, 1) * np.array([width, height] * 2, np.float32))


def load_detector(checkpoint: Checkpoint) -> Detector:
    """A detector from a folder or the Hub, in float32 where half precision fails.

    Raises:
        RecipeError: it cannot be loaded.
    """
    device = pick_device(checkpoint.device)
    dtype = pick_dtype(checkpoint.dtype, device)
    images, tokens = load_image_processor(checkpoint), load_tokenizer(checkpoint)
    detector = Detector(load_model(KIND, checkpoint, dtype, device), images, tokens)
    if dtype == torch.float32 or runs(detector):
        return detector
    logger.warning("%s fails in %s: it runs in float32", checkpoint.model, dtype)
    return Detector(load_model(KIND, checkpoint, torch.float32, device), images, tokens)  # unrounded weights


def runs(detector: Detector) -> bool:
    """Whether a trial goes well: in half precision it crashed in transformers before the middle of 2026."""
    trial = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)
    try:
        (answers,) = detector.answer([(trial, detector.ask(["dog"]))])
    except RuntimeError:
        return False
    return bool(np.isfinite(answers.boxes).all() and np.isfinite(answers.likely).all())
