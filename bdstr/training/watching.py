"""What is said and kept while a run goes on: its log, its scores, its best network."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainingArguments

from .claim import Claim
from .run import CHECKPOINTS, read_log, rewrite_log, save_best
from .seal import seal
from .settings import Settings

Say = Callable[[str], None]
SCORE = "MAE"
"""Which network is the best; lower is better."""


class Watch(TrainerCallback):
    """Decides when to evaluate and save, and writes what comes of it.

    Losses are averaged between log lines and between evaluations, never across a checkpoint, so that a run
    that goes on writes the lines of one that was never stopped.

    Args:
        out: the folder of the run.
        settings: of the run.
        rows_a_step: of all processes together.
        steps_an_epoch: a fraction, too.
        processor: saved beside the network.
        say: is given a line now and then.
    """

    def __init__(
        self,
        out: Path,
        settings: Settings,
        rows_a_step: int,
        steps_an_epoch: float,
        processor: Any,
        say: Say,
    ) -> None:
        self.out, self.settings, self.processor, self.say = out, settings, processor, say
        self.rows_a_step, self.steps_an_epoch = rows_a_step, steps_an_epoch
        self.trainer: Any = None
        self.losses: list[float] = []
        self.lines: list[dict[str, Any]] = []
        self.claim: Claim
        self.waited_s = self.evaluated_s = 0.0
        self.lowest = float("inf")
        self.stepped = False

    def on_step_begin(self, args: TrainingArguments, state: Any, control: Any, **more: Any) -> None:
        self.stepped = True

    def on_train_begin(self, args: TrainingArguments, state: Any, control: Any, **more: Any) -> None:
        self.lines = self._lines_before(state.global_step)
        self.lowest = min((line[SCORE] for line in self.lines if SCORE in line), default=float("inf"))
        self.started, self.first_step = time.monotonic(), state.global_step
        if state.is_world_process_zero:
            self.claim = Claim.on(self.out)
            rewrite_log(self.out, self.lines)

    def _lines_before(self, step: int) -> list[dict[str, Any]]:
        """Those that were kept with a checkpoint: the log itself may have been damaged since."""
        kept = read_log(self._checkpoint(step))
        return kept or read_log(self.out, step)

    def _checkpoint(self, step: int) -> Path:
        return self.out / CHECKPOINTS / f"checkpoint-{step}"

    def on_save(self, args: TrainingArguments, state: Any, control: Any, **more: Any) -> None:
        if state.is_world_process_zero:
            rewrite_log(self._checkpoint(state.global_step), self.lines)
            seal(self._checkpoint(state.global_step))

    def on_step_end(self, args: TrainingArguments, state: Any, control: Any, **more: Any) -> None:
        due = self._due(state.global_step, state.max_steps)
        control.should_evaluate = control.should_save = due
        if due or state.global_step % self.settings.log_every == 0:
            self._log_losses(state, more["optimizer"])

    def _due(self, step: int, last: int) -> bool:
        every = self.settings.evaluate_every * self.steps_an_epoch
        return step == last or step // every > (step - 1) // every

    def _log_losses(self, state: Any, optimizer: Any) -> None:
        rates = {group["name"]: group["lr"] for group in optimizer.param_groups}
        line = {
            "loss": sum(self.losses) / len(self.losses),
            "backbone_learning_rate": rates.get("backbone", 0.0),
            "decoder_learning_rate": rates["decoder"],
        }
        self.losses = []
        self.trainer.log(line)
        self._add(state, line)
        if state.is_world_process_zero:
            self.say(f"{self._place(state)}: loss {line['loss']:.4f}; {self._pace(state)}")

    def on_evaluate(self, args: TrainingArguments, state: Any, control: Any, **more: Any) -> None:
        scores = {name.removeprefix("eval_"): value for name, value in more["metrics"].items()}
        better = scores[SCORE] < self.lowest
        self.lowest = min(self.lowest, scores[SCORE])
        if better and state.is_world_process_zero:
            self.claim.refuse_lost()
            save_best(self.out, more["model"], self.processor)
        self._add(state, scores)
        if state.is_world_process_zero:
            told = ", ".join(f"{name} {scores[name]:.4f}" for name in (SCORE, "maxF", "S") if name in scores)
            self.say(f"{self._place(state)}: held out {told}{', the best so far' if better else ''}")

    def _add(self, state: Any, values: dict[str, float]) -> None:
        if state.is_world_process_zero:
            epoch = round(state.global_step / self.steps_an_epoch, 4)
            figures = {name: value for name, value in values.items() if name != "epoch"}
            self.lines.append({"step": state.global_step, "epoch": epoch, **figures})
            self.claim.refuse_lost()
            rewrite_log(self.out, self.lines)

    def _place(self, state: Any) -> str:
        epoch = state.global_step / self.steps_an_epoch
        return f"step {state.global_step:,} of {state.max_steps:,}, epoch {epoch:.2f}"

    def _pace(self, state: Any) -> str:
        took = max(1e-9, time.monotonic() - self.started)
        learning = max(1e-9, took - self.evaluated_s)
        steps = state.global_step - self.first_step
        left_s = (state.max_steps - state.global_step) * took / steps
        return (
            f"{steps * self.rows_a_step / learning:.1f} images a second, "
            f"{self.waited_s / learning:.1%} of the time waiting for them, {left_s / 60:.0f} min left"
        )
