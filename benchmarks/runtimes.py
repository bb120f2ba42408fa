"""`tiny` on one core: torch, ONNX Runtime, and the latter in 8 bits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from bdstr.model.onnx import export
from benchmarks.clock import fastest
from benchmarks.figures import Figure
from benchmarks.upsampling import SIDE_PX, answer, network

OTHERS = ("PyTorch, channels last", "ONNX Runtime", "ONNX Runtime, convolutions in 8 bits")
RUNTIME = Figure(f"`tiny`, {SIDE_PX} px, one core", "ms an image", "PyTorch")


def of_runtimes(root: Path, rounds: int) -> list[Figure]:
    """Each beside PyTorch as it is."""
    seconds = fastest(contenders(root), rounds)
    return [
        Figure(f"{RUNTIME.what}: {name}", RUNTIME.unit, RUNTIME.beside).measured(
            seconds[name] * 1000, seconds["PyTorch"] * 1000
        )
        for name in OTHERS
    ]


def contenders(root: Path) -> dict[str, Callable[[], object]]:
    """The same network for one image."""
    import onnxruntime

    model, pixels = network("tiny").eval(), torch.randn(1, 3, SIDE_PX, SIDE_PX)
    export(model, root / "tiny.onnx", (SIDE_PX, SIDE_PX))
    to_8_bits(root / "tiny.onnx", root / "int8.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    feed = {"pixel_values": pixels.numpy()}

    def session(name: str) -> Callable[[], object]:
        opened = onnxruntime.InferenceSession(root / name, options, providers=["CPUExecutionProvider"])
        return partial(opened.run, None, feed)

    wide = network("tiny").eval().to(memory_format=torch.channels_last)
    return {
        "PyTorch": partial(answer, model, pixels),
        "PyTorch, channels last": partial(answer, wide, pixels.to(memory_format=torch.channels_last)),
        "ONNX Runtime": session("tiny.onnx"),
        "ONNX Runtime, convolutions in 8 bits": session("int8.onnx"),
    }


def to_8_bits(file: Path, out: Path) -> None:
    """Weights and activations of the convolutions, with ranges from noise: as fast as with real ones."""
    import logging

    from onnxruntime.quantization import CalibrationDataReader, quant_pre_process, quantize_static

    class Noise(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.left = [torch.randn(1, 3, SIDE_PX, SIDE_PX).numpy()] * 2

        def get_next(self) -> dict[str, Any] | None:
            return {"pixel_values": self.left.pop()} if self.left else None

    logging.disable(logging.WARNING)  # advice for graphs other than this
    quant_pre_process(file, file.with_suffix(".plain.onnx"))
    quantize_static(
        file.with_suffix(".plain.onnx"), out, Noise(), op_types_to_quantize=["Conv"], per_channel=True
    )
    logging.disable(logging.NOTSET)
