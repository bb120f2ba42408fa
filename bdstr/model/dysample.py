"""DySample: Liu et al., "Learning to Upsample by Learning to Sample", ICCV 2023."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

STYLES = ("lp", "pl")
OFFSET_STD = 0.001
"""Offsets begin near zero, where the layer is a bilinear upsampling."""
STATIC_SCOPE = 0.25
"""What an offset is scaled by, so that neighbouring samples rarely pass each other."""


class OffsetConv2d(nn.Conv2d):
    """A convolution that begins near zero: the upsampling is almost bilinear."""

    std = OFFSET_STD

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, std=self.std)
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class ScopeConv2d(OffsetConv2d):
    """One that begins at zero: a scope of 0.25."""

    std = 0.0


class DySample(nn.Module):
    """Upsamples features by sampling them at learnt points.

    Each output pixel starts at its place of a bilinear upsampling (``align_corners=False``) and moves by an
    offset that a 1x1 convolution reads from the features. With offsets of zero it is bilinear upsampling.

    Args:
        channels: of the features, a multiple of ``groups`` and, in the style ``pl``, of ``scale ** 2``.
        scale: an integer factor for both sides.
        style: ``lp`` reads the offsets at the low resolution and then shuffles them to the high one
            (linear, pixel shuffle); ``pl`` shuffles the features first and needs fewer weights.
        groups: of channels that share their offsets.
        dynamic: scale offsets by a learnt scope between 0 and 0.5 instead of by 0.25.

    Raises:
        ValueError: the channels cannot be divided as asked, or there is no such style.

    Example:
        >>> DySample(8)(torch.zeros(1, 8, 5, 3)).shape
        torch.Size([1, 8, 10, 6])
    """

    def __init__(
        self, channels: int, scale: int = 2, style: str = "lp", groups: int = 4, dynamic: bool = False
    ) -> None:
        super().__init__()
        _check(channels, scale, style, groups)
        self.scale, self.style, self.groups = scale, style, groups
        inputs, outputs = channels, 2 * groups * scale**2
        if style == "pl":
            inputs, outputs = channels // scale**2, 2 * groups
        self.offset = OffsetConv2d(inputs, outputs, 1)
        self.scope = ScopeConv2d(inputs, outputs, 1, bias=False) if dynamic else None

    def forward(self, features: Tensor) -> Tensor:
        """Features ``b c h w`` -> ``b c s*h s*w``."""
        points = self.points(features)
        b, c, h, w = features.shape
        grouped = features.reshape(b * self.groups, c // self.groups, h, w)
        # Sampled in float32: in bfloat16 a coordinate of 88 px is off by up to a quarter of a pixel.
        sampled = functional.grid_sample(
            grouped.to(points.dtype), points, mode="bilinear", padding_mode="border", align_corners=False
        )  # b*g c/g s*h s*w
        return sampled.view(b, c, self.scale * h, self.scale * w).to(features.dtype)

    def points(self, features: Tensor) -> Tensor:
        """Where each output pixel is sampled: ``b*g s*h s*w 2``, x then y, -1 to 1 from border to border."""
        b, _, h, w = features.shape
        g, s = self.groups, self.scale
        moved = self._offsets(features).float().view(b, 2, g * s * s, h, w) + self._corners(features)
        x, y = moved.unbind(1)  # b g*s*s h w each, in px from the centre of the input's pixel
        x = 2 * (x + _centres(w, features)) / w - 1
        y = 2 * (y + _centres(h, features)[:, None]) / h - 1
        shuffled = functional.pixel_shuffle(torch.cat([x, y], 1), s)  # b 2*g s*h s*w
        return shuffled.view(b, 2, g, s * h, s * w).permute(0, 2, 3, 4, 1).flatten(0, 1)

    def _offsets(self, features: Tensor) -> Tensor:
        """Offsets in px: ``b 2*g*s*s h w``, all of x before all of y."""
        shuffled = functional.pixel_shuffle(features, self.scale) if self.style == "pl" else features
        offsets = self.offset(shuffled)
        if self.scope is None:
            offsets = offsets * STATIC_SCOPE
        else:
            offsets = offsets * (self.scope(shuffled).sigmoid() * 2 * STATIC_SCOPE)
        return functional.pixel_unshuffle(offsets, self.scale) if self.style == "pl" else offsets

    def _corners(self, features: Tensor) -> Tensor:
        """Where bilinear upsampling samples, from the pixel's centre in px: ``1 2 g*s*s 1 1``.

        Computed, not a buffer: a buffer that is not saved stays empty when a model is loaded.
        """
        s = self.scale
        steps = (torch.arange(s, dtype=torch.float32, device=features.device) - (s - 1) / 2) / s  # s
        x, y = steps.repeat(s), steps.repeat_interleave(s)  # s*s each, rows of pixels
        return torch.stack([x.repeat(self.groups), y.repeat(self.groups)]).view(1, 2, -1, 1, 1)


def _centres(length: int, like: Tensor) -> Tensor:
    return torch.arange(length, dtype=torch.float32, device=like.device) + 0.5


def _check(channels: int, scale: int, style: str, groups: int) -> None:
    if style not in STYLES:
        raise ValueError(f"DySample style {style!r}; expected one of {', '.join(STYLES)}")
    if min(channels, scale, groups) < 1:
        raise ValueError(f"DySample({channels=}, {scale=}, {groups=}); expected positive numbers")
    if channels % groups:
        raise ValueError(f"DySample: {channels} channels in {groups} groups; expected a multiple of {groups}")
    if style == "pl" and channels % scale**2:
        raise ValueError(
            f"DySample of {channels} channels in style pl; expected a multiple of scale² = {scale**2}"
        )
