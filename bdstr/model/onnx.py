"""A network as an ONNX file that ONNX Runtime answers alike."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sodeval.outputs.atomic import write_atomically

from ..errors import ModelError
from ..extras import need_packages

OPSET = 18
"""The first in which torch's exporter writes all it needs; ``GridSample``, of DySample, is there since 16."""
AGREEMENT = 1e-4
"""The most by which a saliency of 0 to 1 may differ."""
INPUT, OUTPUT = "pixel_values", "saliency"


class Saliency(nn.Module):
    """A network that gives saliency alone: ``b 3 h w`` -> ``b 1 h w``."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixel_values: Tensor) -> Tensor:
        saliency: Tensor = self.network(pixel_values).saliency
        return saliency


def export(network: nn.Module, path: Path, size: tuple[int, int], any_size: bool = False) -> float:
    """Writes a network as ONNX and compares what ONNX Runtime answers.

    Args:
        network: ready to answer, on the CPU, in float32.
        path: the file. Its input ``pixel_values``, ``b 3 h w``, is what the image processor gives; its output
            ``saliency``, ``b 1 h w``, is 0 to 1.
        size: height and width of the input, in px.
        any_size: let height and width vary, as the batch always may. The export takes several times as long.

    Returns:
        The largest difference of a saliency.

    Raises:
        MissingExtraError: onnx, onnxruntime or onnxscript is not installed.
        ModelError: the answers differ by more than 1e-4; nothing is written.
    """
    need_packages("onnx", "onnx", "onnxruntime", "onnxscript")
    network = Saliency(network).eval()
    data = _exported(network, size, any_size)
    difference = _difference(network, data, _shapes(size, any_size))
    if not difference <= AGREEMENT:
        raise ModelError(
            f"{path}: ONNX Runtime differs by {difference:.1e}; expected at most {AGREEMENT:.0e}; "
            "nothing was written"
        )
    write_atomically(path, data)
    return difference


def _exported(network: nn.Module, size: tuple[int, int], any_size: bool) -> bytes:
    vary = torch.export.Dim.DYNAMIC
    shape: dict[int, Any] = {0: vary, 2: vary, 3: vary} if any_size else {0: vary}
    # A size that divides evenly would leave the padding out, and the file would take no other.
    height, width = (size[0] | 1, size[1] | 1) if any_size else size
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            network,
            (torch.zeros(2, 3, height, width),),  # of a batch of 1, torch would take the 1 for fixed
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes={INPUT: shape},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise ModelError("torch exported nothing; expected an ONNX program: update torch and onnxscript")
    data: bytes = program.model_proto.SerializeToString()
    return data


def _shapes(size: tuple[int, int], any_size: bool) -> list[tuple[int, ...]]:
    height, width = size
    fixed: list[tuple[int, ...]] = [(1, 3, height, width), (3, 3, height, width)]
    return [*fixed, (1, 3, height + 13, width + 32)] if any_size else fixed


def _difference(network: nn.Module, data: bytes, shapes: list[tuple[int, ...]]) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    random = torch.Generator().manual_seed(0)
    largest = 0.0
    for shape in shapes:
        pixels = torch.randn(shape, generator=random)
        with torch.no_grad():
            expected = network(pixels)
        (found,) = session.run([OUTPUT], {INPUT: pixels.numpy()})
        largest = max(largest, float((torch.from_numpy(found) - expected).abs().max()))
    return largest


@contextmanager
def _quiet() -> Iterator[None]:
    """Leaves out what the exporter says of itself and of packages that are not needed."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
