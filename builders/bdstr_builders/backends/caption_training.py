"""BLIP's fine-tuning by transformers' Trainer, which goes on after any stop."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from bdstr.errors import RecipeError
from bdstr.saving import saving
from sodeval.outputs.atomic import write_atomically

from ..caption_settings import Settings
from ..checkpoint import Checkpoint
from ..finetuning import CHECKPOINTS, SAMPLES, WEIGHTS, Pair, Pairs
from ..photo import read_photo
from .caption_batches import Captions, Collate
from .captioner import Captioner, load_captioner

BEAMS, MIN_TOKENS, MAX_TOKENS = 3, 5, 20
KEPT = 2
"""Checkpoints: where a kill tears the last, the one before it is whole."""

Say = Callable[[str], None]


def train(out: Path, pairs: Pairs, settings: Settings, say: Say) -> None:
    """Trains and writes the model; goes on from the last whole checkpoint of the same run.

    Args:
        out: the folder of the run.
        pairs: what is learned from.
        settings: of the run.
        say: is given a line at each evaluation.
    """
    # From the processor, which all processes of a machine share, the Trainer moves it to the GPU of each.
    checkpoint = Checkpoint(settings.model, settings.revision, "float32", "cpu", settings.batch)
    captioner = load_captioner(checkpoint, settings.prompt, BEAMS, MIN_TOKENS, MAX_TOKENS)
    trainer = make_trainer(out, captioner, pairs, settings, say)
    last = last_whole(out / CHECKPOINTS)
    if last:
        say(f"goes on from {last.name}")
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    if trainer.is_world_process_zero():
        write_model(out, captioner)


def make_trainer(out: Path, captioner: Captioner, pairs: Pairs, settings: Settings, say: Say) -> Trainer:
    """A trainer that evaluates, captions samples and saves after each epoch."""
    config = captioner.model.config.text_config
    trainer = Trainer(
        model=captioner.model,
        args=arguments(out, settings),
        data_collator=Collate(
            captioner.images,
            captioner.tokens,
            settings.prompt,
            config.max_position_embeddings,
            config.bos_token_id,
        ),
        train_dataset=Captions(pairs.train),
        eval_dataset=Captions(pairs.validation),
        callbacks=[Samples(out / SAMPLES, captioner, pairs.validation[: settings.samples], say)],
    )
    trainer.remove_callback(PrinterCallback)  # of raw figures, on standard output
    # Its forward takes any keyword, from which the Trainer infers that it divides the loss by the number of
    # tokens over all accumulated batches. It does not: it takes the mean of its own.
    trainer.model_accepts_loss_kwargs = False
    return trainer


def arguments(out: Path, settings: Settings) -> TrainingArguments:
    """bfloat16 beside float32 weights on a GPU that has it; float32 elsewhere."""
    return TrainingArguments(
        output_dir=str(out / CHECKPOINTS),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch,
        per_device_eval_batch_size=settings.batch,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        seed=settings.seed,
        bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False),
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=KEPT,
        logging_strategy="epoch",
        prediction_loss_only=True,
        remove_unused_columns=False,  # a pair has none
        dataloader_pin_memory=torch.cuda.is_available(),
        disable_tqdm=True,
        report_to=[],
    )


class Samples(TrainerCallback):
    """Captions the same few validation photographs at each evaluation: a loss says little of a captioner."""

    def __init__(self, file: Path, captioner: Captioner, pairs: Sequence[Pair], say: Say) -> None:
        self.file, self.captioner, self.pairs, self.say = file, captioner, pairs, say

    def on_evaluate(self, args: TrainingArguments, state: Any, control: Any, **more: Any) -> None:
        if not state.is_world_process_zero:
            return
        loss = more["metrics"]["eval_loss"]
        learned = next(line["loss"] for line in reversed(state.log_history) if "loss" in line)
        place = f"epoch {state.epoch:g} of {state.num_train_epochs}"
        self.say(f"{place}: loss {learned:.4f}, validation loss {loss:.4f}")
        self.captioner.model.eval()
        said = self.captioner.captions([read_photo(pair.image).rgb for pair in self.pairs])
        for pair, caption in zip(self.pairs, said, strict=True):
            self.say(f"  {pair.key}: {caption!r} (written: {pair.text!r})")
        self._add(state.global_step, state.epoch, loss, said)

    def _add(self, step: int, epoch: float, loss: float, said: Sequence[str]) -> None:
        """Adds lines; what a run that was stopped wrote after its last checkpoint is written once more."""
        lines = self.file.read_text("utf-8").splitlines() if self.file.exists() else []
        kept = [line for line in lines if json.loads(line)["step"] < step]
        for pair, caption in zip(self.pairs, said, strict=True):
            row: dict[str, Any] = {"key": pair.key, "text": pair.text, "generated": caption}
            row |= {"step": step, "epoch": epoch, "validation_loss": loss}
            kept.append(json.dumps(row, ensure_ascii=False))
        write_atomically(self.file, "".join(f"{line}\n" for line in kept))


def last_whole(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end: the trainer's state is its last file."""
    found = {
        int(match[1]): path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if (match := re.fullmatch(r"checkpoint-(\d+)", path.name))
    }
    for _, path in sorted(found.items(), reverse=True):
        try:
            json.loads((path / "trainer_state.json").read_text("utf-8"))
        except (OSError, ValueError):
            shutil.rmtree(path, ignore_errors=True)  # torn: the Trainer would count it among those to keep
            continue
        return path
    return None


def write_model(out: Path, captioner: Captioner) -> None:
    """Writes what `caption.blip` loads; the weights are moved in place last, so that they mean the end."""
    aside = out / ".model.tmp"
    shutil.rmtree(aside, ignore_errors=True)
    with saving(out):
        for part in (captioner.model, captioner.images, captioner.tokens):
            part.save_pretrained(aside)
    names = sorted(path.name for path in aside.iterdir())
    if WEIGHTS not in names:
        raise RecipeError(f"{out}: saved as {', '.join(names)}; expected {WEIGHTS} in one file")
    for name in sorted(names, key=WEIGHTS.__eq__):
        (aside / name).replace(out / name)
    aside.rmdir()
