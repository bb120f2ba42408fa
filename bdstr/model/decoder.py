"""The decoder of DEDecoder: from a backbone's stages to saliency and edges, step by step.

The paper ("Boosting Salient Object Detection with Knowledge Distillated from Large Foundation Models",
arXiv 2501.04582) tells of an edge-preserving decoder on dynamic upsampling; how its parts are joined is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration_dedecoder import DEDecoderConfig
from .dysample import DySample


class Decoded(NamedTuple):
    """Logits at the resolutions at which they are made; edges None without their branch."""

    saliency: Tensor  # b 1 2*h 2*w, h w of the finest stage
    edges: Tensor | None  # b 1 h w
    sides: tuple[Tensor, ...]  # b 1 each, coarse to fine


class ConvBlock(nn.Sequential):
    """A convolution, batch norm, ReLU: ``b i h w`` -> ``b o h w``."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, dilation: int = 1) -> None:
        padding = dilation * (kernel // 2)
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class Context(nn.Module):
    """What lies around a pixel: dilated convolutions, the mean of the image (Chen et al., 2017: ASPP)."""

    def __init__(self, channels: int, dilations: Sequence[int]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(ConvBlock(channels, channels, 3, d) for d in dilations)
        self.everything = nn.Conv2d(channels, channels, 1)  # one pixel an image: too few for batch norm
        self.fuse = ConvBlock((len(dilations) + 1) * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        mean = functional.relu(self.everything(x.mean((2, 3), keepdim=True))).expand_as(x)  # b c h w
        seen = [branch(x) for branch in self.branches]
        out: Tensor = self.fuse(torch.cat([*seen, mean], 1))
        return out


class Step(nn.Module):
    """Twice the resolution, then the backbone's own features of it (Lin et al., CVPR 2017: FPN)."""

    def __init__(self, config: DEDecoderConfig, inputs: int) -> None:
        super().__init__()
        self.up = upsampler(config, config.channels)
        self.lateral = nn.Conv2d(inputs, config.channels, 1) if config.skip_connections else None
        self.fuse = ConvBlock(config.channels, config.channels)

    def forward(self, x: Tensor, stage: Tensor) -> Tensor:
        x = fit(self.up(x), stage)  # b c h w
        if self.lateral is not None:
            x = x + self.lateral(stage)
        out: Tensor = self.fuse(x)
        return out


class EdgeBranch(nn.Module):
    """Edges of the object: the finest stage sees edges, the decoder knows whose. The branch is ours."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.lateral = nn.Conv2d(inputs, channels, 1)
        self.features = ConvBlock(channels, channels)
        self.logits = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, x: Tensor, stage: Tensor) -> tuple[Tensor, Tensor]:
        features = self.features(self.lateral(stage) + x)  # b c h w
        return features, self.logits(features)


class Head(nn.Module):
    """From the decoder's features, with those of edges beside them, to saliency at twice the resolution."""

    def __init__(self, config: DEDecoderConfig, inputs: int) -> None:
        super().__init__()
        width = config.head_channels
        self.reduce = ConvBlock(inputs, width)
        self.up = upsampler(config, width)
        self.blocks = nn.Sequential(ConvBlock(width, width, config.head_kernel), ConvBlock(width, width))
        self.logits = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.logits(self.blocks(self.up(self.reduce(x))))  # b 1 2*h 2*w
        return out


class Decoder(nn.Module):
    """Stages of a backbone -> saliency and edges.

    Args:
        config: of the whole network.
        stage_channels: of the backbone's features, fine to coarse, as it returns them.
    """

    def __init__(self, config: DEDecoderConfig, stage_channels: Sequence[int]) -> None:
        super().__init__()
        finest, *_ = stage_channels
        *finer, coarsest = stage_channels
        width = config.channels
        self.reduce = ConvBlock(coarsest, width, 1)
        self.context = Context(width, config.context_dilations) if config.context_dilations else None
        self.steps = nn.ModuleList(Step(config, inputs) for inputs in reversed(finer))
        self.sides = nn.ModuleList(nn.Conv2d(width, 1, 1) for _ in finer if config.side_weight)
        self.edges = EdgeBranch(finest, width) if config.edge_branch else None
        self.head = Head(config, 2 * width if config.edge_branch else width)

    def forward(self, stages: Sequence[Tensor]) -> Decoded:
        """Features ``b c_i h_i w_i``, fine to coarse -> logits."""
        x = self.reduce(stages[-1])  # b c h/32 w/32, of an image h w
        if self.context is not None:
            x = self.context(x)
        made = [x]
        for step, stage in zip(self.steps, reversed(stages[:-1]), strict=True):
            x = step(x, stage)  # ... b c h/4 w/4
            made.append(x)
        sides = tuple(side(each) for side, each in zip(self.sides, made, strict=False))
        edge_logits = None
        if self.edges is not None:
            edge_features, edge_logits = self.edges(x, stages[0])
            x = torch.cat([x, edge_features], 1)  # b 2*c h/4 w/4
        return Decoded(self.head(x), edge_logits, sides)


def upsampler(config: DEDecoderConfig, channels: int) -> nn.Module:
    """A layer from ``b c h w`` to ``b c 2*h 2*w``."""
    if config.upsample == "bilinear":
        return Bilinear()
    return DySample(
        channels, 2, config.dysample_style, config.dysample_groups, dynamic=config.dysample_dynamic
    )


class Bilinear(nn.Module):
    """The upsampling that DySample begins as: what it is compared with."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def fit(x: Tensor, like: Tensor) -> Tensor:
    """Resizes to the height and width of another, for backbones whose stages do not halve."""
    if x.shape[-2:] == like.shape[-2:]:
        return x
    return functional.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)
