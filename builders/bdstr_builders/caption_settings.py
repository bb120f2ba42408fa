"""The settings of fine-tuning a captioner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice that changes the result. The defaults are ours: the paper's are not known.

    Args:
        model: a Hub id or a local folder to start from.
        revision: of the Hub repository, a commit.
        prompt: how every caption starts; not learned.
        epochs: over the texts.
        batch: photographs a step, on each device.
        learning_rate: of AdamW at the start; it falls to 0 in a straight line.
        weight_decay: of AdamW.
        validation: the share of the texts that is not learned from, 0..1; at least one text.
        seed: of the split and of the order.
        samples: validation photographs that are captioned at each evaluation.
    """

    model: str = "Salesforce/blip-image-captioning-base"
    revision: str = "main"
    prompt: str = "a picture of "
    epochs: int = 5
    batch: int = 32
    learning_rate: float = 1e-5
    weight_decay: float = 0.05
    validation: float = 0.1
    seed: int = 7
    samples: int = 8
