"""BLIP, Grounding DINO and SAM with random weights, saved as `save_pretrained` saves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CLS, SEP, MASK, DOT = 101, 102, 103, 1012
"""BERT's numbers, which Grounding DINO takes for granted."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What differs between models large and small.

    Args:
        swin: Grounding DINO's backbone.
        dino: its own layers.
        bert: its text encoder.
        dino_px: the shorter and longest side of a photograph, in px.
        blip_text: BLIP's decoder.
        blip_vision: its encoder.
        sam_vision: SAM's encoder.
        sam_px: the side of its square, in px.
        words: in the vocabulary; the last is BLIP's mark for the start of a caption.
    """

    swin: Mapping[str, Any]
    dino: Mapping[str, Any] = field(default_factory=dict)
    bert: Mapping[str, Any] = field(default_factory=dict)
    dino_px: tuple[int, int] = (800, 1333)
    blip_text: Mapping[str, Any] = field(default_factory=dict)
    blip_vision: Mapping[str, Any] = field(default_factory=dict)
    sam_vision: Mapping[str, Any] = field(default_factory=dict)
    sam_px: int = 1024
    words: int = 30_524


REAL = Sizes(
    swin={"embed_dim": 96, "depths": [2, 2, 6, 2], "num_heads": [3, 6, 12, 24], "window_size": 7},
    blip_vision={"image_size": 384},
    sam_vision={
        "hidden_size": 1280,
        "num_hidden_layers": 32,
        "num_attention_heads": 16,
        "mlp_dim": 5120,
        "global_attn_indexes": [7, 15, 23, 31],
    },
)
"""BLIP-base, Grounding DINO with Swin-T, SAM with ViT-H."""
_SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
TINY = Sizes(
    swin={"embed_dim": 16, "depths": [1, 1, 1, 1], "num_heads": [1, 2, 2, 4], "window_size": 4},
    dino={"d_model": 32, "num_queries": 20, "encoder_layers": 1, "decoder_layers": 2}
    | {"encoder_ffn_dim": 64, "decoder_ffn_dim": 64}
    | {"encoder_attention_heads": 4, "decoder_attention_heads": 4},
    bert=_SMALL,
    dino_px=(64, 96),
    blip_text=_SMALL | {"encoder_hidden_size": 32},
    blip_vision=_SMALL | {"image_size": 32, "patch_size": 8},
    sam_vision={"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "mlp_dim": 64}
    | {"window_size": 2, "global_attn_indexes": [1]},
    sam_px=64,
    words=1_100,
)


def save_models(folder: Path, sizes: Sizes) -> Mapping[str, str]:
    """Saves the three; name -> folder."""
    import torch

    torch.manual_seed(0)
    saved = {"blip": _blip(sizes), "dino": _dino(sizes), "sam": _sam(sizes)}
    for name, parts in saved.items():
        for part in parts:
            part.save_pretrained(folder / name)
    return {name: str(folder / name) for name in saved}


def _tokens(words: int) -> Any:
    from transformers import BertTokenizer

    marks = {0: "[PAD]", 100: "[UNK]", CLS: "[CLS]", SEP: "[SEP]", MASK: "[MASK]", DOT: "."}
    marks |= {words - 1: "[DEC]"}
    vocabulary = {marks.get(number, f"word{number}"): number for number in range(words)}
    return BertTokenizer(vocab=vocabulary, bos_token="[DEC]", model_max_length=512)


def _blip(sizes: Sizes) -> tuple[Any, ...]:
    from transformers import BlipConfig, BlipForConditionalGeneration
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

    marks = {"bos_token_id": sizes.words - 1, "eos_token_id": SEP, "sep_token_id": SEP, "pad_token_id": 0}
    config = BlipConfig(
        text_config={"vocab_size": sizes.words, **marks, **sizes.blip_text},
        vision_config=dict(sizes.blip_vision),
    )
    side = sizes.blip_vision["image_size"]
    images = BlipImageProcessorPil(size={"height": side, "width": side})
    return BlipForConditionalGeneration(config), images, _tokens(sizes.words)


def _dino(sizes: Sizes) -> tuple[Any, ...]:
    from transformers import BertConfig, GroundingDinoConfig, GroundingDinoForObjectDetection, SwinConfig
    from transformers.models.grounding_dino.image_processing_pil_grounding_dino import (
        GroundingDinoImageProcessorPil,
    )

    swin: Any = SwinConfig
    config = GroundingDinoConfig(
        backbone_config=swin(**sizes.swin, out_features=["stage2", "stage3", "stage4"]),
        text_config=BertConfig(vocab_size=sizes.words, **sizes.bert),
        **sizes.dino,
    )
    shorter, longest = sizes.dino_px
    images = GroundingDinoImageProcessorPil(size={"shortest_edge": shorter, "longest_edge": longest})
    return GroundingDinoForObjectDetection(config), images, _tokens(sizes.words)


def _sam(sizes: Sizes) -> tuple[Any, ...]:
    from transformers import SamConfig, SamModel
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    side = sizes.sam_px
    config = SamConfig(
        vision_config={**sizes.sam_vision, "image_size": side}, prompt_encoder_config={"image_size": side}
    )
    images = SamImageProcessorPil(size={"longest_edge": side}, pad_size={"height": side, "width": side})
    return SamModel(config), images
