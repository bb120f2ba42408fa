"""The training itself: transformers' Trainer, which goes on after any stop."""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import PrinterCallback, ProgressCallback, Trainer, set_seed

from ..errors import DatasetError, RunError, TrainingError
from ..model.image_processing_dedecoder import DEDecoderImageProcessor
from ..model.modeling_dedecoder import DEDecoderForSalientObjectDetection
from ..saving import saving
from .batches import Collate
from .example import Row
from .machine import Machine, arguments
from .optimisation import make_optimizer, make_schedule
from .order import Order
from .run import CHECKPOINTS, finish, last_whole
from .settings import Settings
from .source import Source
from .start import starting_network
from .validation import evaluate, refuse_damaged
from .watching import Say, Watch

_UNREADABLE = (pickle.UnpicklingError, SafetensorError, RuntimeError, OSError, EOFError, KeyError, ValueError)
"""What loading a damaged or hostile checkpoint raises."""


def train(
    out: Path, source: Source, preset: str, settings: Settings, machine: Machine, say: Say, start: str = ""
) -> None:
    """Trains and writes the network; goes on from the last whole checkpoint of the same run.

    Args:
        out: the folder of the run.
        source: what is learned from and measured on.
        preset: the network.
        settings: of the run.
        machine: how it is computed.
        say: is given a line now and then.
        start: a trained network of this preset to start from.

    Raises:
        TrainingError: the loss is not finite; names the rows.
        RunError: the checkpoint cannot be read; what is pickled in it is never run.
        DatasetError: no row of a batch can be used.
        ModelError: there are no weights to start from.
        OutputError: the disk is full, or the folder cannot be written to.
    """
    held_out, wrong = refuse_damaged(source.held_out_rows())
    for reason in wrong:
        say(f"left out {reason}")
    set_seed(settings.seed)
    network, processor = starting_network(preset, settings, start)
    trainer = make_trainer(out, network, processor, source, held_out, settings, machine, say)
    last = last_whole(out / CHECKPOINTS)
    if last:
        say(f"goes on from {last.name}")
        trainer.go_on_from(last)
    try:
        trainer.train(resume_from_checkpoint=str(last) if last else None)
    except DatasetError as error:  # of a worker, torch makes its whole traceback the message
        raise DatasetError(str(error).rpartition("DatasetError: ")[2].strip()) from error
    except _UNREADABLE as error:
        if last is None or trainer.watch.stepped or isinstance(error, torch.OutOfMemoryError):
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunError(
            f"{last}: cannot be gone on from ({reason}); remove it: the run goes on from the one before, "
            "or from its beginning"
        ) from error
    if trainer.is_world_process_zero():
        trainer.watch.claim.refuse_lost()
        finish(out)


def make_trainer(
    out: Path,
    network: DEDecoderForSalientObjectDetection,
    processor: DEDecoderImageProcessor,
    source: Source,
    held_out: Sequence[Row],
    settings: Settings,
    machine: Machine,
    say: Say,
) -> SaliencyTrainer:
    """The trainer of a run."""
    args = arguments(out, settings, machine)
    args._n_gpu = min(1, args.n_gpu)  # DataParallel would split keys, too: several GPUs go by torchrun
    block = settings.batch * args.world_size
    rows_a_step = block * settings.accumulate
    args.max_steps = math.ceil(settings.epochs * source.learned / rows_a_step)
    rows = args.max_steps * rows_a_step
    watch = Watch(out, settings, rows_a_step, source.learned / rows_a_step, processor, say)
    return SaliencyTrainer(
        settings,
        processor,
        watch,
        model=network,
        args=args,
        data_collator=Collate(settings, rows, tuple(processor.image_mean), tuple(processor.image_std)),
        train_dataset=Order(source, settings, rows, block),
        eval_dataset=list(held_out),
    )


class SaliencyTrainer(Trainer):
    """A Trainer with two learning rates, sodeval's scores, and a stop where the loss is no number."""

    def __init__(
        self, settings: Settings, processor: DEDecoderImageProcessor, watch: Watch, **given: Any
    ) -> None:
        super().__init__(**given, callbacks=[watch])
        self.settings, self.processor, self.watch = settings, processor, watch
        watch.trainer = self
        self.remove_callback(PrinterCallback)
        if self.pop_callback(ProgressCallback):
            self.add_callback(Bar)
        # Its forward takes any keyword, from which the Trainer infers that it divides the loss by the number
        # of items over all accumulated batches. It does not: it takes the mean of its own.
        self.model_accepts_loss_kwargs = False

    def go_on_from(self, checkpoint: Path) -> None:
        """Leaves out the rows that were learned from before a checkpoint."""
        steps = int(checkpoint.name.rpartition("-")[2])
        order: Any = self.train_dataset
        order.first = steps * self.settings.accumulate * order.block

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        network: Any = self.model if model is None else model
        if self.optimizer is None:
            self.optimizer = make_optimizer(network, self.settings)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        of: Any = self.optimizer if optimizer is None else optimizer
        if self.lr_scheduler is None:
            self.lr_scheduler = make_schedule(of, self.settings, num_training_steps)
        return self.lr_scheduler

    def get_batch_samples(self, epoch_iterator: Iterator[Any], num_batches: int, device: Any) -> Any:
        """The batches of a step; how long they are waited for is what a faster loader could save."""
        asked = time.monotonic()
        got = super().get_batch_samples(epoch_iterator, num_batches, device)
        self.watch.waited_s += time.monotonic() - asked
        return got

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """The loss of a batch.

        Raises:
            TrainingError: it is no finite number.
        """
        keys = inputs.pop("keys")
        outputs = model(**inputs)
        loss = float(outputs.loss.detach())
        if not math.isfinite(loss):
            raise TrainingError(
                f"step {self.state.global_step + 1}: the loss is {loss} on the rows {', '.join(keys)}; "
                "expected a finite number: look at these rows, or lower the learning rates; called again, "
                "the run goes on from its last checkpoint"
            )
        self.watch.losses.append(loss)
        return (outputs.loss, outputs) if return_outputs else outputs.loss

    def _save_checkpoint(self, *given: Any, **more: Any) -> None:
        with saving(self.watch.out / CHECKPOINTS):
            super()._save_checkpoint(*given, **more)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """The scores on the rows held out."""
        asked = time.monotonic()
        rows: Any = self.eval_dataset
        network: Any = self.accelerator.unwrap_model(self.model)
        scores = evaluate(network, self.processor, rows, self.settings.batch).compute()
        metrics = {f"eval_{name}": value for name, value in scores.items()}
        self.watch.evaluated_s += time.monotonic() - asked
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class Bar(ProgressCallback):
    """The Trainer's bar, without the raw figures that it prints: they are said in words."""

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any) -> None:
        pass
