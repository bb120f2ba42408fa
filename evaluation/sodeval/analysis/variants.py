"""The conventions that are tried to explain a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..protocol import PRESETS, Protocol

Kind = Literal["given", "preset", "choice"]

ALTERNATIVES: tuple[Mapping[str, Any], ...] = (
    {"gt_threshold": 128.0, "gt_comparison": ">"},
    {"gt_threshold": 128.0, "gt_comparison": ">="},
    {"gt_threshold": 127.5, "gt_comparison": ">="},  # >= 0.5 of a mask in 0..1
    {"gt_threshold": 0.0, "gt_comparison": ">"},
    {"gt_scaling": "none"},
    {"gt_scaling": "minmax"},
    {"scaling": "none"},
    {"scaling": "minmax"},
    {"mae_scaling": "none"},
    {"mae_scaling": "minmax"},
    {"quantisation": "truncate", "thresholds": 256},
    {"quantisation": "none", "thresholds": 256},
    {"quantisation": "none", "thresholds": 255},
    {"comparison": ">="},
    {"comparison": ">"},
    {"f_aggregation": "curve"},
    {"f_aggregation": "pr"},
    {"f_aggregation": "image"},
    {"e_aggregation": "curve"},
    {"e_aggregation": "image"},
    {"f_beta2": 0.3},
    {"f_beta2": 1.0},
    {"wf_beta2": 0.3},
    {"wf_beta2": 1.0},
    {"wf_kernel_px": 5},
    {"wf_kernel_px": 7},
    {"wf_sigma_px": 1.4},  # what OpenCV takes for a side of 7 unless told
    {"wf_sigma_px": 5.0},
    {"s_alpha": 0.5},
    {"s_alpha": 0.7},
)
"""Choices that evaluators make; each is tried where the protocol makes it otherwise."""

RESIZES: tuple[Mapping[str, Any], ...] = (
    {"resize": "opencv-linear"},
    {"resize": "pillow-bilinear"},
    {"resize": "nearest"},
)
"""The same, tried where some maps have another size than their masks."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One set of conventions.

    Args:
        kind: the protocol as given, a preset, or the protocol with a choice changed.
        change: the name of the protocol, or what is chosen otherwise.
        protocol: the conventions.
    """

    kind: Kind
    change: str
    protocol: Protocol


def variants_of(protocol: Protocol, *, resized: bool) -> list[Variant]:
    """The other presets, then every single choice of a protocol changed.

    Args:
        protocol: what is changed.
        resized: whether some maps have another size than their masks.

    Example:
        >>> [variant.change for variant in variants_of(PRESETS["pysodmetrics"], resized=False)][:4]
        ['matlab-sal-eval', 'psod', 'gt_comparison >=', 'gt_threshold 127.5, gt_comparison >=']
    """
    presets = [
        Variant("preset", name, preset)
        for name, preset in PRESETS.items()
        if preset.fingerprint != protocol.fingerprint
    ]
    return [*presets, *_choices(protocol, ALTERNATIVES + (RESIZES if resized else ()))]


def _choices(protocol: Protocol, alternatives: tuple[Mapping[str, Any], ...]) -> Iterator[Variant]:
    for alternative in alternatives:
        changed = {name: value for name, value in alternative.items() if getattr(protocol, name) != value}
        if changed:
            change = ", ".join(f"{name} {_shown(value)}" for name, value in changed.items())
            yield Variant("choice", change, protocol.but(name=f"{protocol.name} with {change}", **changed))


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
