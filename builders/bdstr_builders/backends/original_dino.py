"""The network of groundingdino-py, built so that no file of a user's is run and no pickle is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from transformers import BatchEncoding, BertModel

from bdstr.errors import RecipeError

from ..checkpoint import Checkpoint
from .loading import load_config
from .originals import import_original
from .question import padded
from .weights import Weights

SETTINGS = {96: "GroundingDINO_SwinT_OGC", 128: "GroundingDINO_SwinB_cfg"}
"""Width of the image encoder -> the module in the package that describes the model: they are Python, so only
those that were installed are run."""
WIDTH = "backbone.0.patch_embed.proj.weight"


def settings_of(weights: Weights, file: Path) -> SimpleNamespace:
    """How the package describes the model that some weights are of.

    Raises:
        RecipeError: it describes none such.
    """
    if WIDTH not in weights:
        raise RecipeError(
            f"{file} is no Grounding DINO: it lacks {WIDTH!r}; expected e.g. groundingdino_swint_ogc.pth"
        )
    width = weights[WIDTH].shape[0]
    if width not in SETTINGS:
        raise RecipeError(f"{file}: an image encoder {width} wide; expected 96 (Swin-T) or 128 (Swin-B)")
    module = import_original(f"groundingdino.config.{SETTINGS[width]}")
    values = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    # Both save memory in training, at the price of time; the numbers are the same.
    return SimpleNamespace(**values | {"use_checkpoint": False, "use_transformer_ckpt": False})


def build_dino(settings: SimpleNamespace, text_encoder: Checkpoint, tokens: Any) -> Any:
    """The network with random weights; it takes token numbers in place of captions.

    Args:
        settings: of the package.
        text_encoder: the BERT that reads the questions; only its sizes are read.
        tokens: its tokenizer.

    Raises:
        RecipeError: `text_encoder` is no BERT, or cannot be loaded.
    """
    config = load_config("bert", text_encoder)
    package = import_original("groundingdino.models.GroundingDINO.groundingdino")
    with _given(package, tokens, TextEncoder(config)):
        model = import_original("groundingdino.models").build_model(settings)
    model.tokenizer = Padded(tokens.pad_token_id)
    return model


@contextmanager
def _given(package: Any, tokens: Any, bert: Any) -> Iterator[None]:
    """Has the package use this tokenizer and text encoder.

    By itself it would load both by name, at no revision, pickles included, and wrap the encoder in a copy of
    what transformers 4 did inside.
    """
    names = ("get_tokenlizer", "BertModelWarper")
    own = {name: getattr(package, name) for name in names}
    package.get_tokenlizer = SimpleNamespace(
        get_tokenlizer=lambda _: tokens, get_pretrained_language_model=lambda _: bert
    )
    package.BertModelWarper = lambda bert_model: bert_model
    try:
        yield
    finally:
        for name, value in own.items():
            setattr(package, name, value)


class TextEncoder(BertModel):  # type: ignore[no-untyped-call]  # of its __init_subclass__
    """A BERT in which each token has a mask of its own, so that no phrase reads another."""

    def forward(self, attention_mask: torch.Tensor, **inputs: Any) -> Any:  # b tokens tokens
        return super().forward(attention_mask=attention_mask[:, None], **inputs)


class Padded:
    """What the network takes for its tokenizer: its "captions" are tokens already.

    So no word is ever read in another way than `Question` says, by which boxes get their phrases.

    Args:
        pad: the number of the token that fills up.
    """

    def __init__(self, pad: int) -> None:
        self.pad = pad

    def __call__(self, captions: Sequence[Sequence[int]], **_: Any) -> BatchEncoding:
        ids, mask = padded(captions, self.pad)
        return BatchEncoding(
            {"input_ids": ids, "token_type_ids": torch.zeros_like(ids), "attention_mask": mask}
        )
