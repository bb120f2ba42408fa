"""Training as `bdstr train` does it, beside the same steps on batches that lie in memory."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from bdstr.training.batches import Collate
from bdstr.training.machine import Machine
from bdstr.training.order import Order
from bdstr.training.settings import Settings
from bdstr.training.source import open_source
from bdstr.training.start import starting_network
from bdstr.training.trainer import make_trainer
from benchmarks.figures import Figure
from benchmarks.packing import DUTS_TR

LOOP = Figure("`bdstr train` of `tiny`, 224 px", "images/s", "with the data in memory", asked=0.9, rate=True)


def of_training(root: Path, steps: int) -> Figure:
    """Wall-clock time of both."""
    if not DUTS_TR.is_dir():
        return LOOP.not_run("DUTS-TR is not here")
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
    return LOOP.measured(rows / trained, rows / bare, f"{rows} images")


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
