"""How a run is computed: processes, precision, and what the Trainer is told of it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import TrainingArguments

from .run import CHECKPOINTS, KEPT
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Machine:
    """What changes the speed of a run, not what is trained, but for the last bits.

    Args:
        workers: processes that decode and augment; None for as many as there are processors, at most 8, of
            those beside the one that trains.
        cpu: train on the processor even where there is a GPU.
        tensorboard: write the log for TensorBoard, too.
    """

    workers: int | None = None
    cpu: bool = False
    tensorboard: bool = False

    def worker_count(self) -> int:
        """Processes that decode and augment."""
        if self.workers is not None:
            return self.workers
        beside = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return min(8, max(1, beside // max(1, int(os.environ.get("LOCAL_WORLD_SIZE", "1"))) - 1))


def arguments(out: Path, settings: Settings, machine: Machine) -> TrainingArguments:
    """What the Trainer is told; when to evaluate, log and save, the callback decides."""
    workers = machine.worker_count()
    return TrainingArguments(
        output_dir=str(out / CHECKPOINTS),
        per_device_train_batch_size=settings.batch,
        gradient_accumulation_steps=settings.accumulate,
        max_grad_norm=settings.clip_norm,
        max_steps=1,  # known once the number of processes is
        seed=settings.seed,
        bf16=computes_in_bfloat16(settings, machine),
        use_cpu=machine.cpu,
        eval_strategy="no",
        save_strategy="no",
        logging_strategy="no",
        save_total_limit=KEPT,
        remove_unused_columns=False,  # a row has none
        ignore_data_skip=True,  # the order itself begins where the run stopped, without decoding what was
        accelerator_config={"dispatch_batches": False, "split_batches": False},
        dataloader_num_workers=workers,
        dataloader_pin_memory=torch.cuda.is_available() and not machine.cpu,
        ddp_find_unused_parameters=False,
        disable_tqdm=not sys.stderr.isatty(),
        report_to=["tensorboard"] if machine.tensorboard else [],
    )


def computes_in_bfloat16(settings: Settings, machine: Machine) -> bool:
    """Whether convolutions do: on a GPU that has it, unless told."""
    if settings.precision != "auto":
        return settings.precision == "bfloat16"
    gpu = torch.cuda.is_available() and not machine.cpu
    return gpu and torch.cuda.is_bf16_supported(including_emulation=False)
