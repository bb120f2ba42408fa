"""What DySample costs a whole network, beside bilinear upsampling: time and memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from bdstr.model import from_preset
from benchmarks.clock import fastest
from benchmarks.figures import Figure
from benchmarks.memory import peak_mb

SIDE_PX = 352
STEP = """
import sys, torch
from bdstr.model import from_preset
torch.set_num_threads(1)
network = from_preset("resnet50", pretrained=False, upsample=sys.argv[1])
pixels, masks = torch.randn(2, 3, 352, 352), torch.ones(2, 352, 352)
network(pixels, labels=masks).loss.backward()
"""
"""In a process of its own: torch does not say what it holds on a processor."""

ANSWERING = Figure("`resnet50` with DySample, answering", "ms an image", "bilinear", "cost", asked=1.1)
TRAINING = Figure("`resnet50` with DySample, training", "ms an image", "bilinear", "cost", asked=1.1)
MEMORY = Figure("`resnet50` with DySample, training, peak memory", "MB", "bilinear", "cost", asked=1.1)
GPU_TRAINING = Figure(
    "`resnet50` with DySample, training on a GPU", "ms an image", "bilinear", "cost", asked=1.1
)
GPU_MEMORY = Figure(
    "`resnet50` with DySample, training on a GPU, peak memory", "MB", "bilinear", "cost", asked=1.1
)


def network(preset: str, **changes: Any) -> Any:
    """A network with random weights, which computes as long as a trained one."""
    return from_preset(preset, pretrained=False, **changes)


def answer(model: Any, pixels: torch.Tensor) -> None:
    """The forward pass alone."""
    with torch.inference_mode():
        model(pixels)


def step(model: Any, pixels: torch.Tensor, masks: torch.Tensor) -> None:
    """Forward and backward."""
    model(pixels, labels=masks).loss.backward()
    model.zero_grad()


def answerers(preset: str, pixels: torch.Tensor) -> dict[str, Callable[[], object]]:
    """Answering with each kind of upsampling."""
    models = {name: network(preset, upsample=name).eval() for name in ("bilinear", "dysample")}
    return {name: partial(answer, model, pixels) for name, model in models.items()}


def of_processor(rounds: int) -> list[Figure]:
    """`resnet50` on one core."""
    pixels, masks = torch.randn(2, 3, SIDE_PX, SIDE_PX), torch.ones(2, SIDE_PX, SIDE_PX)
    answering = fastest(answerers("resnet50", pixels), rounds)
    models = {name: network("resnet50", upsample=name).train() for name in ("bilinear", "dysample")}
    training = fastest({name: partial(step, model, pixels, masks) for name, model in models.items()}, rounds)
    each_ms = 1000 / len(pixels)
    return [
        ANSWERING.measured(answering["dysample"] * each_ms, answering["bilinear"] * each_ms),
        TRAINING.measured(training["dysample"] * each_ms, training["bilinear"] * each_ms),
        MEMORY.measured(peak_mb(STEP, "dysample"), peak_mb(STEP, "bilinear"), "2 images"),
    ]


def of_gpu(rounds: int) -> list[Figure]:
    """`resnet50` on a GPU, where there is one."""
    if not torch.cuda.is_available():
        return [figure.not_run("no GPU") for figure in (GPU_TRAINING, GPU_MEMORY)]
    (bilinear_s, bilinear_mb), (dysample_s, dysample_mb) = (
        gpu_step(name, rounds) for name in ("bilinear", "dysample")
    )
    return [
        GPU_TRAINING.measured(dysample_s / 16 * 1000, bilinear_s / 16 * 1000, "16 at once"),
        GPU_MEMORY.measured(dysample_mb, bilinear_mb, "16 at once"),
    ]


def gpu_step(upsample: str, rounds: int) -> tuple[float, float]:
    """Seconds and megabytes of a step of 16 images in bfloat16."""
    model = network("resnet50", upsample=upsample).cuda()
    pixels = torch.randn(16, 3, SIDE_PX, SIDE_PX, device="cuda")
    masks = torch.ones(16, SIDE_PX, SIDE_PX, device="cuda")
    torch.cuda.reset_peak_memory_stats()
    best = float("inf")
    for _ in range(10 * rounds):
        torch.cuda.synchronize()
        begun = time.perf_counter()
        with torch.autocast("cuda", torch.bfloat16):
            step(model, pixels, masks)
        torch.cuda.synchronize()
        best = min(best, time.perf_counter() - begun)
    return best, torch.cuda.max_memory_allocated() / 2**20
