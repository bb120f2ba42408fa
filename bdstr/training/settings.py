"""Every choice that changes what is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError

OPTIMIZERS = ("adamw", "sgd")
SCHEDULES = ("one-cycle", "poly", "triangle")
PRECISIONS = ("auto", "float32", "bfloat16")
SCALE_ORDERS = ("random", "growing")
CHOICES = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "precision": PRECISIONS,
    "scale_order": SCALE_ORDERS,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run. The defaults are ours; the paper's are not known.

    Args:
        size_px: side of the square that pictures are scaled to, in training and afterwards.
        scales: of that side; a batch has one of them. Sides are rounded to 32 px.
        scale_order: ``random``, drawn by the seed; or ``growing``: one after the other, so that a run begins
            with small pictures, of which many more are learned from in the same time.
        flip: mirror every other picture.
        crop: at most this share is cut from each side of a picture.
        colour: brightness, contrast and saturation change by at most this share.
        epochs: over the rows that are learned from.
        batch: pictures at a time on each device.
        accumulate: batches a step.
        optimizer: ``adamw`` or ``sgd``.
        backbone_learning_rate: at its highest.
        decoder_learning_rate: at its highest.
        weight_decay: of weights; neither of biases nor of normalisation.
        momentum: of SGD.
        schedule: ``one-cycle`` and ``triangle`` rise in a straight line and fall by a cosine or in a straight
            line; ``poly`` rises so, too, and falls with the power 0.9.
        warmup: share of the steps in which the learning rate rises.
        clip_norm: gradients are scaled down to this norm; 0 for never.
        precision: ``auto`` is bfloat16 beside float32 weights on a GPU that computes in it.
        channels_last: lay out pictures pixel by pixel, which convolutions compute faster.
        held_out: rows that are only measured on; of a small dataset at most a tenth, and one at least.
        evaluate_every: epochs, and once more at the end.
        shuffle_buffer: rows among which the next is drawn where rows are streamed; otherwise it is all rows.
        log_every: steps.
        seed: of weights, order and augmentation.
        pretrained: start from a backbone trained on ImageNet.
        model: fields of `DEDecoderConfig` that shall not be the preset's.

    Raises:
        UsageError: a value is out of its range.
    """

    size_px: int = 352
    scales: tuple[float, ...] = (0.75, 1.0, 1.25)
    scale_order: str = "random"
    flip: bool = True
    crop: float = 0.125
    colour: float = 0.2
    epochs: float = 20.0
    batch: int = 16
    accumulate: int = 1
    optimizer: str = "adamw"
    backbone_learning_rate: float = 3e-4
    decoder_learning_rate: float = 2e-3
    weight_decay: float = 0.01
    momentum: float = 0.9
    schedule: str = "one-cycle"
    warmup: float = 0.1
    clip_norm: float = 5.0
    precision: str = "auto"
    channels_last: bool = True
    held_out: int = 500
    evaluate_every: float = 1.0
    shuffle_buffer: int = 10_000
    log_every: int = 20
    seed: int = 7
    pretrained: bool = True
    model: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise UsageError(f"{name} = {getattr(self, name)!r}; expected one of {', '.join(known)}")
        for name in ("size_px", "batch", "accumulate", "held_out", "shuffle_buffer", "log_every"):
            _within(name, getattr(self, name), 1, 1 << 31)
        for name, most in (("crop", 0.45), ("colour", 0.9), ("warmup", 1.0), ("momentum", 1.0)):
            _within(name, getattr(self, name), 0.0, most)
        for name in ("backbone_learning_rate", "decoder_learning_rate", "weight_decay", "clip_norm"):
            _within(name, getattr(self, name), 0.0, 1e6)
        for name in ("epochs", "evaluate_every"):
            _within(name, getattr(self, name), 1e-6, 1e6)
        _within("seed", self.seed, 0, (1 << 32) - 1)
        if not self.scales:
            raise UsageError("scales = []; expected at least one, e.g. [1.0]")
        for scale in self.scales:
            _within("scales", scale, 0.1, 4.0)

    def sides_px(self) -> tuple[int, ...]:
        """The sides of pictures in training.

        Example:
            >>> Settings(size_px=352, scales=(0.75, 1.0)).sides_px()
            (256, 352)
        """
        return tuple(_rounded(self.size_px, scale) for scale in self.scales)


def _rounded(side: int, scale: float) -> int:
    return side if scale == 1 else max(32, round(side * scale / 32) * 32)


def _within(name: str, value: int | float, least: int | float, most: int | float) -> None:
    if not least <= value <= most:
        raise UsageError(f"{name} = {value}; expected {least:g} to {most:g}")
