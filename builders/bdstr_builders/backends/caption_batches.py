"""Photographs and texts as what BLIP learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import Dataset

from ..finetuning import Pair
from ..photo import read_photo

IGNORED = -100
"""A label that the loss passes over."""


class Captions(Dataset[Pair]):
    """The pairs by number; pixels are read where a batch is made."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.pairs = pairs

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, number: int) -> Pair:
        return self.pairs[number]


@dataclass(frozen=True, slots=True, eq=False)
class Collate:
    """Makes a batch of pairs.

    Args:
        images: the model's image processor.
        tokens: its tokenizer.
        prompt: how every caption starts.
        most_tokens: a text is cut after them, the prompt counted.
        first: the token that a caption starts with in place of [CLS]: generation puts it there, so training
            does.
    """

    images: Any
    tokens: Any
    prompt: str
    most_tokens: int
    first: int

    def __call__(self, pairs: Sequence[Pair]) -> dict[str, torch.Tensor]:
        photos = [read_photo(pair.image).rgb for pair in pairs]
        text = self.tokens(
            [self.prompt + pair.text for pair in pairs],
            padding=True,
            truncation=True,
            max_length=self.most_tokens,
            return_tensors="pt",
        )
        ids = text.input_ids
        ids[:, 0] = self.first
        return {
            "pixel_values": self.images(images=photos, return_tensors="pt").pixel_values,
            "input_ids": ids,
            "attention_mask": text.attention_mask,
            "labels": self.labels(ids, text.attention_mask),
        }

    def labels(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The tokens to learn: neither the prompt, which is given, nor padding; [SEP] at the end is one.

        The model itself moves them by one: the token at a place is predicted from those before it.
        """
        given = len(self.tokens(self.prompt).input_ids) - 1  # [DEC] and the prompt, without [SEP]
        labels = ids.masked_fill(mask == 0, IGNORED)
        labels[:, :given] = IGNORED
        return labels
