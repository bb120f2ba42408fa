"""Networks that have a name: ``tiny``, ``resnet50``, ``swin-base``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sodeval.errors import did_you_mean

from ..errors import ModelError, UsageError
from .configuration_dedecoder import DEDecoderConfig
from .image_processing_dedecoder import DEDecoderImageProcessor
from .imagenet import efficientnet_lite0
from .modeling_dedecoder import DEDecoderForSalientObjectDetection

FOUR_STAGES = ["stage1", "stage2", "stage3", "stage4"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A network that has a name.

    Args:
        backbone: the fields of its configuration.
        decoder: fields of `DEDecoderConfig`.
        weights: Hub id of the backbone's ImageNet weights; None where a package holds them.
    """

    backbone: Mapping[str, Any]
    decoder: Mapping[str, Any] = field(default_factory=dict)
    weights: str | None = None


PRESETS = {
    "tiny": Preset(
        {"model_type": "efficientnet-lite", "out_features": ["stage2", "stage3", "stage5", "stage7"]},
        {"channels": 64, "head_channels": 32},
    ),
    "resnet50": Preset(
        {"model_type": "resnet", "out_features": FOUR_STAGES},
        {"channels": 128, "head_channels": 64},
        "microsoft/resnet-50",
    ),
    "swin-base": Preset(
        {
            "model_type": "swin",
            "image_size": 384,
            "embed_dim": 128,
            "depths": [2, 2, 18, 2],
            "num_heads": [4, 8, 16, 32],
            "window_size": 12,
            "out_features": FOUR_STAGES,
        },
        {"channels": 128, "head_channels": 64},
        "microsoft/swin-base-patch4-window12-384",
    ),
}
"""From small to large; all take photographs at 352 px with ImageNet's mean and standard deviation."""


def preset_config(name: str, **changes: Any) -> DEDecoderConfig:
    """The configuration of that name.

    Args:
        name: a key of `PRESETS`.
        changes: fields of `DEDecoderConfig` that shall be others.

    Raises:
        UsageError: there is no such preset.

    Example:
        >>> preset_config("tiny", upsample="bilinear").channels
        64
    """
    preset = _preset(name)
    return DEDecoderConfig(**{"backbone_config": preset.backbone, **preset.decoder, **changes})


def from_preset(name: str, pretrained: bool = True, **changes: Any) -> DEDecoderForSalientObjectDetection:
    """A network of that name, its decoder random: where training begins.

    Args:
        name: a key of `PRESETS`.
        pretrained: give the backbone its ImageNet weights: for ``tiny`` from an installed package, for the
            others from the Hub.
        changes: fields of `DEDecoderConfig` that shall be others.

    Raises:
        UsageError: there is no such preset.
        ModelError: the weights are not there.
    """
    model = DEDecoderForSalientObjectDetection(preset_config(name, **changes))
    if pretrained:
        _load_backbone(model.backbone, _preset(name))
    return model


def preset_processor(name: str) -> DEDecoderImageProcessor:
    """The image processor of that name.

    Raises:
        UsageError: there is no such preset.
    """
    _preset(name)
    return DEDecoderImageProcessor()


def _preset(name: str) -> Preset:
    if name not in PRESETS:
        raise UsageError(f"no preset {name!r}{did_you_mean(name, PRESETS)}")
    return PRESETS[name]


def _load_backbone(backbone: Any, preset: Preset) -> None:
    if preset.weights is None:
        backbone.load_state_dict(efficientnet_lite0())
    else:
        backbone.load_state_dict(_from_hub(preset.weights, backbone.config).state_dict())


def _from_hub(weights: str, config: Any) -> Any:
    from transformers import AutoBackbone

    # A Hub model without safetensors would be sent to a service that converts it, with the user's token.
    os.environ["DISABLE_SAFETENSORS_CONVERSION"] = "1"
    try:
        return AutoBackbone.from_pretrained(  # type: ignore[no-untyped-call]
            weights, out_features=config.out_features, use_safetensors=True
        )
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(
            f"{weights}: no ImageNet weights can be loaded ({reason}); expected them on the Hub or in "
            "its cache: go online once, or start from random weights (pretrained=False)"
        ) from error
