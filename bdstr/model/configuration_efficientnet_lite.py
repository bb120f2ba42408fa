"""EfficientNet-Lite as a backbone of transformers: its configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedConfig
from transformers.backbone_utils import BackboneConfigMixin


class EfficientNetLiteConfig(BackboneConfigMixin, PreTrainedConfig):  # type: ignore[no-untyped-call]  # its __init_subclass__
    """Sizes of an EfficientNet-Lite; those of Lite0 unless told.

    Args:
        embedding_size: channels of the stem, at half the resolution.
        hidden_sizes: channels of each stage.
        depths: blocks of each stage.
        kernel_sizes: of the depthwise convolutions of each stage.
        strides: of the first block of each stage.
        expand_ratios: of the channels within the blocks of each stage.
        num_channels: of the image.
        batch_norm_eps: added to a variance.
        batch_norm_momentum: share of a new batch in the running statistics.
        out_features: stages whose features are returned, of ``stem``, ``stage1``, ``stage2``, ...; the last
            unless told.
        out_indices: the same by their positions.
    """

    model_type = "efficientnet-lite"

    def __init__(
        self,
        embedding_size: int = 32,
        hidden_sizes: Sequence[int] = (16, 24, 40, 80, 112, 192, 320),
        depths: Sequence[int] = (1, 2, 2, 3, 3, 4, 1),
        kernel_sizes: Sequence[int] = (3, 3, 5, 3, 5, 5, 3),
        strides: Sequence[int] = (1, 2, 2, 2, 1, 2, 1),
        expand_ratios: Sequence[int] = (1, 6, 6, 6, 6, 6, 6),
        num_channels: int = 3,
        batch_norm_eps: float = 1e-3,
        batch_norm_momentum: float = 0.01,
        out_features: list[str] | None = None,
        out_indices: list[int] | None = None,
        **kwargs: Any,
    ) -> None:
        self.embedding_size = embedding_size
        self.hidden_sizes = list(hidden_sizes)
        self.depths = list(depths)
        self.kernel_sizes = list(kernel_sizes)
        self.strides = list(strides)
        self.expand_ratios = list(expand_ratios)
        self.num_channels = num_channels
        self.batch_norm_eps = batch_norm_eps
        self.batch_norm_momentum = batch_norm_momentum
        self.stage_names = ["stem", *(f"stage{n}" for n in range(1, len(self.depths) + 1))]
        self.set_output_features_output_indices(out_indices=out_indices, out_features=out_features)
        kwargs.pop("stage_names", None)  # saved, but follows from the depths
        super().__init__(**kwargs)
