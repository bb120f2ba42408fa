"""DySample against bilinear upsampling, and against a reference that samples point by point."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from bdstr.model import DySample

KINDS = [("lp", False), ("lp", True), ("pl", False), ("pl", True)]


def without_offsets(layer: DySample) -> DySample:
    torch.nn.init.zeros_(layer.offset.weight)
    return layer


def with_large_offsets(layer: DySample) -> DySample:
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return layer


def bilinear(x: Tensor, scale: int) -> Tensor:
    return functional.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)


@pytest.mark.parametrize(("style", "dynamic"), KINDS)
def test_without_offsets_it_is_bilinear_upsampling_to_the_bit(style: str, dynamic: bool) -> None:
    x = torch.randint(-99, 100, (2, 8, 8, 16)).float()  # sums of whole numbers and sides that round nothing
    assert torch.equal(without_offsets(DySample(8, 2, style, 2, dynamic))(x), bilinear(x, 2))


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 2, 3, 4]), st.sampled_from([1, 2, 4]))
@settings(max_examples=25)
def test_without_offsets_it_is_bilinear_upsampling_at_any_size(
    h: int, w: int, scale: int, groups: int
) -> None:
    x = torch.rand(1, 4, h, w)
    up = without_offsets(DySample(4, scale, groups=groups))(x)
    torch.testing.assert_close(up, bilinear(x, scale), atol=1e-5, rtol=0)


@pytest.mark.parametrize(("style", "dynamic"), KINDS)
@pytest.mark.parametrize("groups", [1, 4])
def test_it_samples_where_the_paper_says(style: str, dynamic: bool, groups: int) -> None:
    layer = with_large_offsets(DySample(8, 2, style, groups, dynamic))
    x = torch.randn(2, 8, 3, 5)
    with torch.no_grad():
        np.testing.assert_allclose(layer(x).numpy(), sampled_point_by_point(layer, x), atol=1e-5)


def sampled_point_by_point(layer: DySample, x: Tensor) -> np.ndarray:
    """Each output pixel by itself: where it starts, its offset in input pixels, four neighbours."""
    s, g = layer.scale, layer.groups
    b, c, h, w = x.shape
    out = np.empty((b, c, s * h, s * w))
    for n, group, row, column in np.ndindex(b, g, s * h, s * w):
        dx, dy = offset_of(layer, x[n : n + 1], group, row, column)
        px = (column + 0.5) / s - 0.5 + dx
        py = (row + 0.5) / s - 0.5 + dy
        for channel in range(group * c // g, (group + 1) * c // g):
            out[n, channel, row, column] = value_at(x[n, channel].double().numpy(), py, px)
    return out


def offset_of(layer: DySample, x: Tensor, group: int, row: int, column: int) -> tuple[float, float]:
    s, g = layer.scale, layer.groups
    place, rest = (row // s, column // s), (row % s) * s + column % s
    if layer.style == "lp":
        channels = [axis * g * s * s + group * s * s + rest for axis in (0, 1)]
        at = x[:, :, place[0], place[1]]
    else:
        channels = [axis * g + group for axis in (0, 1)]
        at = x[:, rest :: s * s, place[0], place[1]]
    offset = functional.conv2d(at[..., None, None], layer.offset.weight, layer.offset.bias).flatten()
    scope = [0.25, 0.25]
    if layer.scope is not None:
        opened = functional.conv2d(at[..., None, None], layer.scope.weight).flatten()
        scope = [0.5 / (1 + math.exp(-opened[channel])) for channel in channels]
    x_, y_ = (float(offset[channel]) * k for channel, k in zip(channels, scope, strict=True))
    return x_, y_


def value_at(grid: np.ndarray, y: float, x: float) -> float:
    """Bilinear, the border repeated."""
    y, x = min(max(y, 0.0), grid.shape[0] - 1.0), min(max(x, 0.0), grid.shape[1] - 1.0)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, grid.shape[0] - 1), min(left + 1, grid.shape[1] - 1)
    v, u = y - top, x - left
    above = grid[top, left] * (1 - u) + grid[top, right] * u
    below = grid[bottom, left] * (1 - u) + grid[bottom, right] * u
    return float(above * (1 - v) + below * v)


def test_it_has_as_many_parameters_as_the_paper_counts() -> None:
    assert sum(p.numel() for p in DySample(64).parameters()) == 32 * 64 + 32
    assert sum(p.numel() for p in DySample(64, style="pl").parameters()) == 64 // 4 * 8 + 8
    assert sum(p.numel() for p in DySample(64, dynamic=True).parameters()) == 2 * 32 * 64 + 32


def test_in_bfloat16_it_samples_at_the_same_points() -> None:
    layer = without_offsets(DySample(4)).bfloat16()
    x = torch.rand(1, 4, 3, 200).bfloat16()
    torch.testing.assert_close(layer(x), bilinear(x.float(), 2).bfloat16(), atol=0.01, rtol=0)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"channels": 6}, "6 channels in 4 groups; expected a multiple of 4"),
        ({"channels": 6, "groups": 2, "style": "pl"}, "expected a multiple of scale² = 4"),
        ({"channels": 8, "style": "lq"}, "style 'lq'; expected one of lp, pl"),
        ({"channels": 8, "scale": 0}, "expected positive numbers"),
    ],
)
def test_what_cannot_be_divided_is_refused(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        DySample(**arguments)  # type: ignore[arg-type]
