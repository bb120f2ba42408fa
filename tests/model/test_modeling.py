"""The network: shapes, gradients, precision, backbones, learning."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from transformers import AutoBackbone, Dinov2Config, PvtV2Config, ResNetConfig, SwinConfig

from bdstr.model import DEDecoderConfig, DEDecoderForSalientObjectDetection
from bdstr.model.decoder import Step, upsampler

DEDecoderConfig.__init__.__no_type_check__ = True  # it refuses bad values itself: see tests/conftest.py
STAGES = ["stage1", "stage2", "stage3", "stage4"]
BACKBONES = {
    "resnet": ResNetConfig(embedding_size=4, hidden_sizes=[4, 8, 8, 8], depths=[1] * 4, out_features=STAGES),
    "swin": SwinConfig(
        image_size=64, embed_dim=8, depths=[1] * 4, num_heads=[1] * 4, window_size=2, out_features=STAGES
    ),
    "pvt": PvtV2Config(
        hidden_sizes=[4, 4, 8, 8],
        depths=[1] * 4,
        num_attention_heads=[1] * 4,
        out_features=STAGES,
    ),
    "a plain ViT, all of whose stages have one size": Dinov2Config(
        hidden_size=8,
        num_hidden_layers=4,
        num_attention_heads=1,
        image_size=56,
        patch_size=14,
        out_features=["stage2", "stage4"],
    ),
}
VARIANTS = {
    "bilinear": {"upsample": "bilinear"},
    "pl": {"dysample_style": "pl"},
    "dynamic": {"dysample_dynamic": True},
    "without edges": {"edge_branch": False},
    "without skips": {"skip_connections": False},
    "without context": {"context_dilations": []},
    "with sides": {"side_weight": 0.4},
}


def images(*shape: int) -> torch.Tensor:
    return torch.randn(*shape)


def variant(config: DEDecoderConfig, **changes: Any) -> DEDecoderForSalientObjectDetection:
    return DEDecoderForSalientObjectDetection(DEDecoderConfig(**{**config.to_dict(), **changes}))


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (33, 7), (64, 64), (31, 90)])
def test_maps_have_the_size_of_the_image_whatever_it_is(small: Any, size: tuple[int, int]) -> None:
    out = small(images(2, 3, *size))
    for found in (out.logits, out.edge_logits, out.saliency):
        assert found.shape == (2, 1, *size)
    assert torch.equal(out.saliency, out.logits.sigmoid())


def test_an_image_is_answered_alike_whatever_stands_beside_it(small: Any) -> None:
    both = images(2, 3, 32, 48)
    with torch.no_grad():
        torch.testing.assert_close(small(both).logits[:1], small(both[:1]).logits)


def test_a_padded_image_is_answered_like_one_whose_border_was_repeated(small: Any) -> None:
    image = images(1, 3, 30, 32)
    repeated = torch.cat([image, image[:, :, -1:], image[:, :, -1:]], 2)
    with torch.no_grad():
        assert torch.equal(small(image).logits, small(repeated).logits[:, :, :30])


@pytest.mark.parametrize("name", BACKBONES)
def test_any_backbone_of_transformers_will_do(name: str) -> None:
    model = DEDecoderForSalientObjectDetection(
        DEDecoderConfig(BACKBONES[name], channels=8, head_channels=4)
    ).eval()
    assert isinstance(model.backbone, type(AutoBackbone.from_config(BACKBONES[name])))
    assert model(images(1, 3, 61, 70)).logits.shape == (1, 1, 61, 70)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_gradient_reaches_every_parameter(small_config: DEDecoderConfig, name: str) -> None:
    model = variant(small_config, **VARIANTS[name]).train()
    model(images(2, 3, 64, 64), labels=(torch.rand(2, 64, 64) > 0.5).float()).loss.backward()
    still = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


def test_without_edges_there_are_no_edge_logits_and_no_such_term(small_config: DEDecoderConfig) -> None:
    model = variant(small_config, edge_branch=False)
    out = model(images(2, 3, 32, 32), labels=torch.ones(2, 32, 32))
    assert out.edge_logits is None
    assert set(model.loss_terms(out.logits, None, [], torch.ones(2, 1, 32, 32))) == {"bce", "iou"}


def test_the_loss_is_the_weighted_sum_of_its_terms(small_config: DEDecoderConfig) -> None:
    pixels, labels = images(2, 3, 32, 32), (torch.rand(2, 32, 32) > 0.5).float()
    weights = {"bce_weight": 2.0, "iou_weight": 3.0, "edge_weight": 5.0, "side_weight": 7.0}
    model = variant(small_config, **weights).eval()
    out = model(pixels, labels=labels)
    arguments = (out.logits, out.edge_logits, out.side_logits, labels[:, None])
    terms = model.loss_terms(*arguments)
    torch.testing.assert_close(out.loss, terms["bce"] + terms["iou"] + terms["edge"] + terms["side"])
    for name in weights:
        setattr(model.config, name, 1.0)
    plain = model.loss_terms(*arguments)
    torch.testing.assert_close(
        out.loss, 2 * plain["bce"] + 3 * plain["iou"] + 5 * plain["edge"] + 7 * plain["side"]
    )


def test_labels_of_unknown_pixels_change_no_loss(small: Any) -> None:
    pixels, known = images(2, 3, 32, 32), torch.ones(2, 32, 32, dtype=torch.bool)
    known[:, :16] = False
    labels = torch.zeros(2, 32, 32)
    others = labels.clone()
    others[:, :14] = 1  # the edge of it is unknown too
    assert torch.equal(small(pixels, labels, known).loss, small(pixels, others, known).loss)
    assert not torch.equal(small(pixels, labels).loss, small(pixels, others).loss)


@pytest.mark.parametrize("given", ["labels", "known"])
def test_what_is_said_of_turned_images_is_refused(small: Any, given: str) -> None:
    said = {"labels": torch.zeros(2, 32, 48), given: torch.zeros(2, 48, 32)}
    with pytest.raises(ValueError, match=rf"{given} of the shape \(2, 48, 32\); expected \(2, 32, 48\) or"):
        small(images(2, 3, 32, 48), **said)
    assert small(images(2, 3, 32, 48), torch.zeros(2, 1, 32, 48), torch.ones(2, 1, 32, 48)).loss > 0


def test_what_the_image_processor_gives_suits_weights_of_any_precision(small: Any) -> None:
    pixels = images(1, 3, 33, 32)
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        assert small.to(dtype)(pixels).saliency.dtype == dtype


def test_a_configuration_that_asks_for_tuples_gets_them(small: Any) -> None:
    small.config.return_dict = False
    assert [type(small(images(1, 3, 32, 32), return_dict=told)) for told in (None, False)] == [tuple, tuple]
    assert small(images(1, 3, 32, 32), return_dict=True).saliency.shape == (1, 1, 32, 32)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_answers_nearly_the_same(small: Any, dtype: torch.dtype) -> None:
    pixels = images(1, 3, 48, 40)
    with torch.no_grad():
        whole = small(pixels).saliency
        half = small.to(dtype)(pixels.to(dtype)).saliency
    assert half.dtype == dtype
    torch.testing.assert_close(half.float(), whole, atol=0.05, rtol=0)


def test_training_in_mixed_precision_gives_a_finite_loss_in_float32(small: Any) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        loss = small.train()(images(2, 3, 32, 32), labels=torch.ones(2, 32, 32)).loss
    loss.backward()
    assert loss.dtype == torch.float32
    assert all(torch.isfinite(p.grad).all() for p in small.parameters())


def test_it_learns_eight_images_by_heart(small: Any) -> None:
    places = torch.arange(32)
    masks = torch.stack([(places[:, None] > 3 * n) & (places < 31 - 2 * n) for n in range(8)]).float()
    pixels = torch.stack([masks, 1 - masks, masks * 0], 1) + 0.3 * images(8, 3, 32, 32)
    optimizer = torch.optim.AdamW(small.parameters(), lr=0.02)
    small.train()
    for _ in range(40):
        optimizer.zero_grad()
        small(pixels, labels=masks).loss.backward()
        optimizer.step()
    with torch.no_grad():
        assert (small(pixels).saliency[:, 0] - masks).abs().mean() < 0.05


def test_a_step_begins_as_the_bilinear_one(small_config: DEDecoderConfig) -> None:
    x = images(1, 8, 6, 6)
    flat = upsampler(DEDecoderConfig(upsample="bilinear"), 8)
    torch.testing.assert_close(Step(small_config, 8).up(x), flat(x), atol=0.02, rtol=0)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"upsample": "nearest"}, "upsample='nearest'; expected one of dysample, bilinear"),
        ({"head_kernel": 4}, "head_kernel=4; expected an odd number from 1"),
        ({"edge_width_px": 1}, "edge_width_px=1; expected an odd number from 3"),
        ({"iou_weight": float("nan")}, "iou_weight=nan; expected a finite number"),
        ({"side_weight": -1.0}, "side_weight=-1.0; expected a finite number"),
        ({"bce_weight": "1"}, "bce_weight='1'; expected a finite number"),
        ({"head_kernel": "wide"}, "head_kernel='wide'; expected an odd number from 1"),
        ({"channels": 0}, "channels=0; expected a whole number from 1"),
        ({"size_divisor": 0}, "size_divisor=0; expected a whole number from 1"),
        ({"context_dilations": [1, 0]}, "context_dilations=0; expected a whole number from 1"),
        ({"context_dilations": 3}, "context_dilations=3; expected a list"),
        ({"edge_branch": "no"}, "edge_branch='no'; expected true or false"),
        ({"backbone_config": "resnet"}, "backbone_config='resnet'; expected the configuration of one"),
        ({"backbone_config": {"model_type": "res"}}, "'res'; expected one that transformers knows$"),
    ],
)
def test_a_configuration_out_of_range_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        DEDecoderConfig(**changes)
