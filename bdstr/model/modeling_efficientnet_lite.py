"""EfficientNet-Lite as a backbone of transformers.

The network is EfficientNet (Tan and Le, ICML 2019) without squeeze-and-excitation and with ReLU6, as released
with TensorFlow's EfficientNet-Lite; paddings are TensorFlow's, so that its weights give its features.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel
from transformers import initialization as init
from transformers.backbone_utils import BackboneMixin
from transformers.modeling_outputs import BackboneOutput

from .configuration_efficientnet_lite import EfficientNetLiteConfig


class SamePadConv2d(nn.Conv2d):
    """Pads as TensorFlow does: to ``ceil(size / stride)``, the odd pixel below or right."""

    def forward(self, x: Tensor) -> Tensor:
        top, bottom = self._margins(x.shape[-2], 0)
        left, right = self._margins(x.shape[-1], 1)
        return super().forward(functional.pad(x, (left, right, top, bottom)))

    def _margins(self, length: int, axis: int) -> tuple[int, int]:
        total = self.kernel_size[axis] - self.stride[axis] + (-length) % self.stride[axis]
        return total // 2, total - total // 2


def conv_norm(
    config: EfficientNetLiteConfig,
    inputs: int,
    outputs: int,
    kernel: int = 1,
    stride: int = 1,
    groups: int = 1,
) -> nn.Sequential:
    """A convolution and its batch norm: ``b i h w`` -> ``b o ceil(h/s) ceil(w/s)``."""
    if stride == 1:  # symmetrical, which the convolution does by itself
        conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False)
    else:
        conv = SamePadConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
    norm = nn.BatchNorm2d(outputs, eps=config.batch_norm_eps, momentum=config.batch_norm_momentum)
    return nn.Sequential(conv, norm)


class MBConv(nn.Module):
    """Inverted residual: expand, filter each channel, project (Sandler et al., CVPR 2018)."""

    def __init__(
        self, config: EfficientNetLiteConfig, inputs: int, outputs: int, kernel: int, stride: int, ratio: int
    ) -> None:
        super().__init__()
        inner = inputs * ratio
        self.expand = conv_norm(config, inputs, inner) if ratio != 1 else None
        self.depthwise = conv_norm(config, inner, inner, kernel, stride, groups=inner)
        self.project = conv_norm(config, inner, outputs)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        inner = x if self.expand is None else functional.relu6(self.expand(x))
        out: Tensor = self.project(functional.relu6(self.depthwise(inner)))
        return x + out if self.residual else out


class EfficientNetLiteBackbone(BackboneMixin, PreTrainedModel):
    """The features of EfficientNet-Lite at each stage.

    Example:
        >>> config = EfficientNetLiteConfig(out_features=["stage2", "stage7"])
        >>> maps = EfficientNetLiteBackbone(config)(torch.zeros(1, 3, 64, 64)).feature_maps
        >>> [tuple(each.shape) for each in maps]
        [(1, 24, 16, 16), (1, 320, 2, 2)]
    """

    config_class = EfficientNetLiteConfig
    main_input_name = "pixel_values"
    has_attentions = False
    _no_split_modules = ["MBConv"]  # noqa: RUF012  # as transformers declares it

    def __init__(self, config: EfficientNetLiteConfig) -> None:
        super().__init__(config)
        self.num_features = [config.embedding_size, *config.hidden_sizes]
        self.stem = conv_norm(config, config.num_channels, config.embedding_size, 3, 2)
        # Stages after the last that is asked for would hold parameters that never learn.
        wanted = config.stage_names.index(config.out_features[-1])
        self.stages = nn.ModuleList(_stage(config, n) for n in range(wanted))
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(  # type: ignore[override]  # there is no attention to return
        self, pixel_values: Tensor, return_dict: bool | None = None, **_: Any
    ) -> Any:
        """Images ``b 3 h w`` -> features, of stage by stage ``b c h/s w/s``, rounded up."""
        x = functional.relu6(self.stem(pixel_values))  # b 32 h/2 w/2
        maps = [x]
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        wanted = tuple(
            m for name, m in zip(self.stage_names, maps, strict=False) if name in self.out_features
        )
        return (wanted,) if return_dict is False else BackboneOutput(feature_maps=wanted)  # type: ignore[arg-type]

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)  # type: ignore[no-untyped-call]
        if isinstance(module, nn.Conv2d):
            init.kaiming_normal_(module.weight, mode="fan_out")


def _stage(config: EfficientNetLiteConfig, n: int) -> nn.Sequential:
    """The n-th stage, of which the first block alone changes channels and resolution."""
    inputs = [config.embedding_size, *config.hidden_sizes][n]
    outputs, kernel, ratio = config.hidden_sizes[n], config.kernel_sizes[n], config.expand_ratios[n]
    blocks = [MBConv(config, inputs, outputs, kernel, config.strides[n], ratio)]
    blocks += [MBConv(config, outputs, outputs, kernel, 1, ratio) for _ in range(config.depths[n] - 1)]
    return nn.Sequential(*blocks)
