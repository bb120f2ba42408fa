"""Two learning rates, and how they rise and fall."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from .settings import Settings

POLY_POWER = 0.9
"""Chen et al., 2017 (DeepLab), and much of the field since."""


def make_optimizer(network: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """The optimizer: the backbone, which knows pictures already, learns slower than the decoder."""
    groups = parameter_groups(network, settings)
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=settings.decoder_learning_rate, momentum=settings.momentum)
    return torch.optim.AdamW(groups, lr=settings.decoder_learning_rate)


def parameter_groups(network: nn.Module, settings: Settings) -> list[dict[str, Any]]:
    """The parameters of backbone and decoder, each apart in those that decay and biases and normalisation."""
    rates = {True: settings.backbone_learning_rate, False: settings.decoder_learning_rate}
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        groups.setdefault((name.startswith("backbone."), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": rates[in_backbone],
            "weight_decay": settings.weight_decay if decays else 0.0,
            "name": "backbone" if in_backbone else "decoder",
        }
        for (in_backbone, decays), parameters in groups.items()
    ]


def make_schedule(
    optimizer: torch.optim.Optimizer, settings: Settings, steps: int
) -> torch.optim.lr_scheduler.LambdaLR:
    """Multiplies every learning rate by `factor` after each step."""
    warm = round(settings.warmup * steps)
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, partial(factor, steps=steps, warm=warm, fall=FALLS[settings.schedule])
    )


def factor(step: int, steps: int, warm: int, fall: Callable[[float], float]) -> float:
    """What a learning rate is multiplied by at a step, of 0 to ``steps``.

    Example:
        >>> [factor(step, 4, 2, FALLS["triangle"]) for step in range(5)]
        [0.3333333333333333, 0.6666666666666666, 1.0, 0.5, 0.0]
    """
    if step < warm:
        return (step + 1) / (warm + 1)  # a first step with a rate of 0 would be lost
    return fall(min(1.0, (step - warm) / max(1, steps - warm)))


def _cosine(share: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * share))


def _line(share: float) -> float:
    return 1 - share


def _power(share: float) -> float:
    return float((1 - share) ** POLY_POWER)


FALLS: dict[str, Callable[[float], float]] = {"one-cycle": _cosine, "poly": _power, "triangle": _line}
"""Schedule -> factor by the share of the fall that is done."""
