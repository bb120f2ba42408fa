"""A network of a few thousand parameters, which stands for the presets wherever size does not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bdstr.model import DEDecoderConfig, DEDecoderForSalientObjectDetection

SMALL = {
    "model_type": "efficientnet-lite",
    "embedding_size": 8,
    "hidden_sizes": [8, 12, 16, 24],
    "depths": [1, 1, 2, 1],
    "kernel_sizes": [3, 3, 5, 3],
    "strides": [1, 2, 2, 2],
    "expand_ratios": [1, 2, 2, 2],
    "out_features": ["stage2", "stage3", "stage4"],
}


@pytest.fixture(autouse=True)
def same_weights() -> None:
    import torch

    torch.manual_seed(0)


@pytest.fixture
def small_config() -> DEDecoderConfig:
    from bdstr.model import DEDecoderConfig

    return DEDecoderConfig(backbone_config=SMALL, channels=8, head_channels=8, size_divisor=16)


@pytest.fixture
def small(small_config: DEDecoderConfig) -> DEDecoderForSalientObjectDetection:
    from bdstr.model import DEDecoderForSalientObjectDetection

    return DEDecoderForSalientObjectDetection(small_config).eval()
