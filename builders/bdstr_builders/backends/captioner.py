"""BLIP: a caption for each photograph (Li et al., ICML 2022)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8

from ..checkpoint import Checkpoint
from .loading import load_image_processor, load_model, load_tokenizer, pick_device, pick_dtype


@dataclass(frozen=True, slots=True, eq=False)
class Captioner:
    """A captioning model with what feeds it.

    Args:
        model: a `BlipForConditionalGeneration`.
        images: its image processor.
        tokens: its tokenizer.
        prompt: how every caption starts.
        beams: of the search.
        min_tokens: that a caption has at least, the prompt not counted.
        max_tokens: at most, the prompt not counted.
    """

    model: Any
    images: Any
    tokens: Any
    prompt: str
    beams: int
    min_tokens: int
    max_tokens: int

    def captions(self, photos: Sequence[UInt8[np.ndarray, "_ _ 3"]]) -> list[str]:
        """What stands out in each, without the prompt.

        All photographs have one size here and all prompts one length, so nothing is padded: what others are
        in the batch changes no more than the last bits of a sum.
        """
        pixels = self.images(images=list(photos), return_tensors="pt").pixel_values
        prompts = self.tokens([self.prompt] * len(photos), return_tensors="pt").to(self.model.device)
        with torch.inference_mode():
            answers = self.model.generate(
                pixel_values=pixels.to(self.model.device, self.model.dtype),
                input_ids=prompts.input_ids,  # generate() itself puts [DEC] first and drops [SEP]
                attention_mask=prompts.attention_mask,
                num_beams=self.beams,
                do_sample=False,
                min_new_tokens=self.min_tokens,
                max_new_tokens=self.max_tokens,
            )
        new = answers[:, prompts.input_ids.shape[1] - 1 :]
        texts: list[str] = self.tokens.batch_decode(new, skip_special_tokens=True)
        return [" ".join(text.split()) for text in texts]


def load_captioner(
    checkpoint: Checkpoint, prompt: str, beams: int, min_tokens: int, max_tokens: int
) -> Captioner:
    """A captioner from a folder or the Hub.

    Raises:
        RecipeError: it cannot be loaded.
    """
    device = pick_device(checkpoint.device)
    model = load_model(
        "BlipForConditionalGeneration", checkpoint, pick_dtype(checkpoint.dtype, device), device
    )
    images, tokens = load_image_processor(checkpoint), load_tokenizer(checkpoint)
    return Captioner(model, images, tokens, prompt, beams, min_tokens, max_tokens)
