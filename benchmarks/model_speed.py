"""What DySample costs the whole network, `tiny` on one core, and what training loses to loading rows.

Every ratio is of CPU time within one run on one machine, the best of a few rounds in which the contenders
take turns; on a GPU, of wall-clock time. ``--short`` takes less of everything.
"""

from __future__ import annotations

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before torch

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from bdstr.model import from_preset
from bdstr.model.onnx import export
from bdstr.training.batches import Collate
from bdstr.training.machine import Machine
from bdstr.training.order import Order
from bdstr.training.settings import Settings
from bdstr.training.source import open_source
from bdstr.training.start import starting_network
from bdstr.training.trainer import make_trainer
from benchmarks.sodeval_speed import Row, markdown

SIDE_PX = 352
DUTS_TR = Path(__file__).parents[2] / "shared" / "data" / "duts-tr-300"
PEAK = """
import resource, sys, torch
from bdstr.model import from_preset
torch.set_num_threads(1)
network = from_preset("resnet50", pretrained=False, upsample=sys.argv[1])
pixels, masks = torch.randn(2, 3, 352, 352), torch.ones(2, 352, 352)
network(pixels, labels=masks).loss.backward()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
"""A step of training in a process of its own: torch does not say what it holds on a processor."""


def fastest(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The shortest CPU time of each, in seconds; they take turns, after one that is not counted."""
    best = dict.fromkeys(calls, float("inf"))
    for number in range(rounds + 1):
        for name, call in calls.items():
            begun = time.process_time()
            call()
            if number:
                best[name] = min(best[name], time.process_time() - begun)
    return best


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


def dysample_rows(rounds: int) -> list[Row]:
    """DySample beside bilinear upsampling in `resnet50`, on a processor."""
    pixels, masks = torch.randn(2, 3, SIDE_PX, SIDE_PX), torch.ones(2, SIDE_PX, SIDE_PX)
    rows = []
    for what, call, more in (("answering", answer, ()), ("training", step, (masks,))):
        models = {name: network("resnet50", upsample=name) for name in ("bilinear", "dysample")}
        for model in models.values():
            model.train(call is step)
        times = fastest({name: partial(call, model, pixels, *more) for name, model in models.items()}, rounds)
        each = times["bilinear"] / len(pixels) * 1000
        rows.append(
            Row(
                f"`resnet50`, {what}, CPU: DySample / bilinear, {each:.0f} ms an image",
                f"{times['dysample'] / times['bilinear']:.2f}",
                "<= 1.10",
                "",
            )
        )
    peaks = {name: peak_kb(name) for name in ("bilinear", "dysample")}
    megabytes = f"{peaks['bilinear'] / 1e3:.0f} MB"
    what = f"`resnet50`, peak memory of training 2 images, CPU: DySample / bilinear, {megabytes}"
    rows.append(Row(what, f"{peaks['dysample'] / peaks['bilinear']:.2f}", "<= 1.10", ""))
    return rows


def peak_kb(upsample: str) -> int:
    """Of a process that trains a step."""
    call = [sys.executable, "-c", PEAK, upsample]
    return int(subprocess.run(call, check=True, capture_output=True, text=True).stdout)


def gpu_rows(rounds: int) -> list[Row]:
    """DySample beside bilinear upsampling in `resnet50`, on a GPU, where there is one."""
    if not torch.cuda.is_available():
        return [Row("`resnet50`, training, GPU: DySample / bilinear", "not run: no GPU", "<= 1.10", "")]
    bilinear, dysample = gpu_step("bilinear", rounds), gpu_step("dysample", rounds)
    ratios = [with_ / without for with_, without in zip(dysample, bilinear, strict=True)]
    return [
        Row("`resnet50`, training 16 images, GPU: DySample / bilinear", f"{ratios[0]:.2f}", "<= 1.10", ""),
        Row("its peak memory", f"{ratios[1]:.2f}", "<= 1.10", ""),
    ]


def gpu_step(upsample: str, rounds: int) -> tuple[float, float]:
    """Seconds and bytes of a step of 16 images in bfloat16."""
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
    return best, torch.cuda.max_memory_allocated()


def tiny_rows(root: Path, rounds: int) -> list[Row]:
    """`tiny` on one core: torch, ONNX Runtime, and the latter in 8 bits."""
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
    calls: dict[str, Callable[[], object]] = {
        "PyTorch": partial(answer, model, pixels),
        "PyTorch, channels last": partial(answer, wide, pixels.to(memory_format=torch.channels_last)),
        "ONNX Runtime": session("tiny.onnx"),
        "ONNX Runtime, convolutions in 8 bits": session("int8.onnx"),
    }
    times = fastest(calls, 5 * rounds)
    return [
        Row(f"`tiny`, {SIDE_PX} px, one core: {name}", f"{seconds * 1000:.0f} ms", "", "")
        for name, seconds in times.items()
    ]


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


def training_row(root: Path, steps: int) -> Row:
    """Training as `bdstr train` does it, beside the same steps on batches that lie in memory."""
    plain = Settings(pretrained=False, size_px=224, scales=(1.0,), log_every=steps, evaluate_every=1e6)
    source = open_source(str(DUTS_TR), "train", plain.held_out)
    settings = replace(plain, epochs=steps * plain.batch / source.learned)
    model, processor = starting_network("tiny", settings)
    trainer = make_trainer(
        root / "run", model, processor, source, source.held_out_rows()[:1], settings, Machine(1, True), quiet
    )
    begun = time.perf_counter()
    trainer.train()
    trained = time.perf_counter() - begun - trainer.watch.evaluated_s
    rows = steps * settings.batch
    collate = Collate(settings, rows, tuple(processor.image_mean), tuple(processor.image_std))
    items = list(Order(source, settings, rows, settings.batch))
    batches = [collate(items[start : start + settings.batch]) for start in range(0, rows, settings.batch)]
    bare = bare_loop(trainer, batches)
    what = f"`tiny`, 224 px: images a second of `bdstr train`, {rows / trained:.1f} / with the data in memory"
    return Row(what, f"{bare / trained:.2f}", ">= 0.9", "")


def quiet(line: str) -> None:
    """Says nothing."""


def bare_loop(trainer: Any, batches: list[dict[str, Any]]) -> float:
    """Seconds of the steps alone."""
    model, optimizer = trainer.model.train(), trainer.create_optimizer()
    begun = time.perf_counter()
    for batch in batches:
        batch.pop("keys")
        model(**batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        optimizer.zero_grad()
    return time.perf_counter() - begun


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="less of everything")
    short = parser.parse_args().short
    torch.manual_seed(0)
    torch.set_num_threads(1)
    with TemporaryDirectory() as temporary:
        root = Path(temporary)
        rows = dysample_rows(1 if short else 3)
        rows += gpu_rows(1 if short else 3)
        rows += tiny_rows(root, 1 if short else 4)
        if DUTS_TR.is_dir():
            rows.append(training_row(root, 3 if short else 20))
        else:
            print(f"{DUTS_TR} does not exist: training was not measured", file=sys.stderr)
    print(markdown(rows))


if __name__ == "__main__":
    main()
