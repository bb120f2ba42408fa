"""segment-anything against transformers, with the same weights; and its checkpoints, which run nothing."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SIZES = ((50, 70), (80, 60), (40, 90))
BOXES = [
    [(5.0, 5.0, 40.0, 40.0)],
    [(0.0, 0.0, 60.0, 80.0), (10.0, 10.0, 30.0, 30.0), (20.0, 5.0, 50.0, 70.0)],
    [(1.0, 2.0, 80.0, 30.0), (30.0, 10.0, 60.0, 35.0)],
]
RENAMED = [  # a name in segment-anything -> in transformers
    (r"image_encoder\.", "vision_encoder."),
    (r"\.blocks\.", ".layers."),
    (r"patch_embed\.proj\.", "patch_embed.projection."),
    (r"(vision_encoder\.layers\.\d+)\.norm", r"\1.layer_norm"),
    (r"neck\.0\.", "neck.conv1."),
    (r"neck\.1\.", "neck.layer_norm1."),
    (r"neck\.2\.", "neck.conv2."),
    (r"neck\.3\.", "neck.layer_norm2."),
    (r"mask_downscaling\.0\.", "mask_embed.conv1."),
    (r"mask_downscaling\.1\.", "mask_embed.layer_norm1."),
    (r"mask_downscaling\.3\.", "mask_embed.conv2."),
    (r"mask_downscaling\.4\.", "mask_embed.layer_norm2."),
    (r"mask_downscaling\.6\.", "mask_embed.conv3."),
    (r"point_embeddings", "point_embed"),
    (
        r"prompt_encoder\.pe_layer\.positional_encoding_gaussian_matrix",
        "shared_image_embedding.positional_embedding",
    ),
    (r"output_upscaling\.0\.", "upscale_conv1."),
    (r"output_upscaling\.1\.", "upscale_layer_norm."),
    (r"output_upscaling\.3\.", "upscale_conv2."),
    (r"(mask_decoder\.transformer\.layers\.\d+)\.norm", r"\1.layer_norm"),
    (r"norm_final_attn", "layer_norm_final_attn"),
    (r"((?:mlps\.\d+|iou_prediction_head))\.layers\.0\.", r"\1.proj_in."),
    (r"((?:mlps\.\d+|iou_prediction_head))\.layers\.1\.", r"\1.layers.0."),
    (r"((?:mlps\.\d+|iou_prediction_head))\.layers\.2\.", r"\1.proj_out."),
]


def renamed(name: str) -> str:
    for old, new in RENAMED:
        name = re.sub(old, new, name)
    return name


def tiny_sam() -> Any:
    """Of the sizes of `tiny_models.save_sam`."""
    import torch
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    encoder = ImageEncoderViT(
        img_size=64,
        patch_size=16,
        embed_dim=32,
        depth=2,
        num_heads=2,
        mlp_ratio=2,
        out_chans=32,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        window_size=2,
        global_attn_indexes=(1,),
    )
    prompts = PromptEncoder(
        embed_dim=32, image_embedding_size=(4, 4), input_image_size=(64, 64), mask_in_chans=16
    )
    two_ways = TwoWayTransformer(depth=2, embedding_dim=32, num_heads=2, mlp_dim=64)
    decoder = MaskDecoder(transformer_dim=32, transformer=two_ways, iou_head_hidden_dim=32)
    return Sam(encoder, prompts, decoder).eval()


@pytest.fixture(scope="module")
def asked() -> list[Any]:
    from drafts import draft

    return [
        (draft(i, size).photo.rgb, boxes) for i, (size, boxes) in enumerate(zip(SIZES, BOXES, strict=True))
    ]


@pytest.fixture(scope="module")
def pair(packages: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """Our two segmenters over the same random weights: by segment-anything, and by transformers."""
    import tiny_models
    import torch

    from bdstr_builders.backends.original_segmenter import OriginalSegmenter
    from bdstr_builders.backends.segmenter import load_segmenter
    from bdstr_builders.backends.weights import fill
    from bdstr_builders.checkpoint import Checkpoint

    folder = tiny_models.save_sam(tmp_path_factory.mktemp("sam"))
    theirs = load_segmenter(Checkpoint(str(folder), device="cpu"))
    held, model = theirs.model.state_dict(), tiny_sam()
    fill(model, {name: held[renamed(name)] for name in model.state_dict()}, folder)
    return OriginalSegmenter(model, torch.float32), theirs


def test_the_same_weights_cut_the_same_masks_as_in_transformers(pair: tuple[Any, Any], asked: list[Any]):
    ours, theirs = pair
    for one, other in zip(ours.segment(asked), theirs.segment(asked), strict=True):
        assert one.predicted_iou == pytest.approx(other.predicted_iou, abs=1e-3)
        assert one.union_logits == pytest.approx(other.union_logits, abs=0.05)
        assert one.stability == pytest.approx(other.stability, abs=0.01)
        sure = abs(other.union_logits) > 0.05
        assert sure.mean() > 0.9
        assert ((one.union_logits > 0) == (other.union_logits > 0))[sure].all()
        assert (one.masks == other.masks).mean() > 0.99


def test_masks_are_those_of_the_packages_own_predictor(pair: tuple[Any, Any], asked: list[Any]):
    from segment_anything import SamPredictor

    predictor = SamPredictor(pair[0].model)
    for (photo, boxes), ours in zip(asked, pair[0].segment(asked), strict=True):
        predictor.set_image(photo)
        for i, box in enumerate(boxes):
            masks, likely, _ = predictor.predict(box=np.array(box), multimask_output=True)
            best = np.argsort(-likely, kind="stable")
            assert ours.predicted_iou[i] == pytest.approx(likely[best], abs=1e-4)
            assert (ours.masks[i] == masks[best]).mean() > 0.999


def test_boxes_in_parts_are_cut_as_all_at_once(
    pair: tuple[Any, Any], asked: list[Any], monkeypatch: pytest.MonkeyPatch
):
    from bdstr_builders.backends import masks, original_segmenter

    whole = pair[0].segment(asked)
    monkeypatch.setattr(original_segmenter, "BOXES", 2)
    monkeypatch.setattr(masks, "LOGITS", 1)
    for (one,), other in zip(([pair[0].segment([each])[0]] for each in asked), whole, strict=True):
        assert one.union_logits == pytest.approx(other.union_logits, abs=1e-3)


def test_the_encoder_alone_runs_in_half_precision(pair: tuple[Any, Any], asked: list[Any]):
    import torch

    from bdstr_builders.backends.original_segmenter import OriginalSegmenter

    model = tiny_sam()
    model.load_state_dict(pair[0].model.state_dict())
    model.image_encoder.to(torch.bfloat16)
    half = OriginalSegmenter(model, torch.bfloat16).segment(asked)
    assert all(one.union_logits.dtype == np.float32 for one in half)
    assert np.isfinite(half[0].union_logits).all()


# --- a checkpoint of real size --------------------------------------------------------------------


@pytest.fixture(scope="module")
def vit_b(packages: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ViT-B with random weights, as it is published: a flat dict in a .pth file of 375 MB."""
    import torch
    from segment_anything import sam_model_registry

    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("vit_b") / "sam_vit_b.pth"
    torch.save(sam_model_registry["vit_b"]().state_dict(), file)
    return file


@pytest.mark.slow
def test_a_pth_file_becomes_masks_through_the_stage(vit_b: Path):
    from drafts import draft

    from bdstr_builders.draft import Draft, Instance, Rejected
    from bdstr_builders.stages.originals import SamOriginal

    boxed = draft(0, instances=(Instance((5.0, 5.0, 40.0, 40.0), 0.5, "dog"),))
    cut, refused = SamOriginal(model=str(vit_b), device="cpu").build()([boxed, draft(1)])
    assert isinstance(refused, Rejected)
    assert (refused.stage, refused.reason) == ("segment.sam-original", "no-box")
    if isinstance(cut, Rejected):  # random weights may cut nothing
        assert (cut.stage, cut.reason) == ("segment.sam-original", "empty-mask")
    else:
        assert isinstance(cut, Draft)
        assert len(cut.instances[0].alternatives) == 2


def test_a_checkpoint_that_lacks_a_part_is_refused(vit_b: Path, tmp_path: Path):
    import torch

    from bdstr.errors import RecipeError
    from bdstr_builders.stages.originals import SamOriginal

    weights = torch.load(vit_b, weights_only=True)
    del weights["mask_decoder.iou_token.weight"]
    torch.save(weights, tmp_path / "sam.pth")
    with pytest.raises(
        RecipeError, match=r"sam\.pth is of another architecture: it lacks 'mask_decoder\.iou"
    ):
        SamOriginal(model=str(tmp_path / "sam.pth"), device="cpu").build()
