"""Checkpoints of the three models with random weights, each under 2 MB: real loading code, small numbers.

The numbers of special tokens are those of BERT, which Grounding DINO takes for granted.
"""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertTokenizer,
    BlipConfig,
    BlipForConditionalGeneration,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    PreTrainedModel,
    SamConfig,
    SamModel,
    SwinConfig,
)
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.grounding_dino.image_processing_pil_grounding_dino import (
    GroundingDinoImageProcessorPil,
)
from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

PAD, UNK, CLS, SEP, MASK, DOT, QUESTION = 0, 100, 101, 102, 103, 1012, 1029
FIRST_WORD, DEC = 1030, 1099
WORDS = (
    "a",
    "picture",
    "of",
    "dog",
    "cat",
    "black",
    "white",
    "red",
    "van",
    "go",
    "##ri",
    "##lla",
    "and",
    "on",
)
VOCABULARY_SIZE = 1100
SAM_PX = 64


def tokenizer() -> BertTokenizer:
    marks = {"[PAD]": PAD, "[UNK]": UNK, "[CLS]": CLS, "[SEP]": SEP, "[MASK]": MASK, ".": DOT, "?": QUESTION}
    numbers = {n: word for word, n in marks.items()} | dict(enumerate(WORDS, FIRST_WORD)) | {DEC: "[DEC]"}
    vocabulary = {numbers.get(n, f"[unused{n}]"): n for n in range(VOCABULARY_SIZE)}
    return BertTokenizer(vocab=vocabulary, bos_token="[DEC]", model_max_length=512)


def save_blip(folder: Path) -> Path:
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {"vocab_size": VOCABULARY_SIZE, "encoder_hidden_size": 32, "max_position_embeddings": 64}
    marks = {"bos_token_id": DEC, "eos_token_id": SEP, "sep_token_id": SEP, "pad_token_id": PAD}
    vision = {"image_size": 32, "patch_size": 8}
    config = BlipConfig(
        text_config={**small, **text, **marks, "projection_dim": 32, "hidden_dropout_prob": 0.0},
        vision_config={**small, **vision, "projection_dim": 32},
    )
    tokenizer().save_pretrained(folder)
    BlipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return _save(BlipForConditionalGeneration, config, folder)


def save_dino(folder: Path) -> Path:
    swin = SwinConfig(
        image_size=64,
        embed_dim=16,
        depths=[1, 1, 1, 1],
        num_heads=[1, 2, 2, 4],
        window_size=4,
        out_features=["stage2", "stage3", "stage4"],
    )
    bert = BertConfig(
        vocab_size=VOCABULARY_SIZE,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    config = GroundingDinoConfig(
        backbone_config=swin,
        text_config=bert,
        d_model=32,
        num_queries=20,
        encoder_layers=1,
        decoder_layers=2,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
    )
    tokenizer().save_pretrained(folder)
    GroundingDinoImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 96}).save_pretrained(folder)
    return _save(GroundingDinoForObjectDetection, config, folder)


def save_sam(folder: Path, seed: int = 0) -> Path:
    vision = {"image_size": SAM_PX, "patch_size": 16, "window_size": 2, "global_attn_indexes": [1]}
    layers = {"num_hidden_layers": 2, "num_attention_heads": 2, "mlp_dim": 64, "hidden_size": 32}
    config = SamConfig(
        vision_config={
            **vision,
            **layers,
            "output_channels": 32,
            "num_pos_feats": 16,
            "initializer_range": 0.02,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": SAM_PX, "patch_size": 16},
        mask_decoder_config={**layers, "iou_head_hidden_dim": 32},
    )
    SamImageProcessorPil(
        size={"longest_edge": SAM_PX}, pad_size={"height": SAM_PX, "width": SAM_PX}
    ).save_pretrained(folder)
    return _save(
        SamModel, config, folder, std=0.5, seed=seed
    )  # as it is initialised, every logit is nearly 0


def _save(
    kind: type[PreTrainedModel], config: object, folder: Path, std: float | None = None, seed: int = 0
) -> Path:
    torch.manual_seed(seed)
    model = kind(config).eval()
    if std is not None:
        torch.manual_seed(seed)
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=std)
    model.save_pretrained(folder)
    return folder
