"""The conventions of an evaluation, as data.

Papers report different numbers for the same maps because their toolboxes choose differently. A
`Protocol` names each of these choices; every report carries the whole of it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from .errors import ProtocolError, did_you_mean

Comparison = Literal[">", ">="]
Scaling = Literal["minmax", "none"]
Quantisation = Literal["truncate", "none"]
Aggregation = Literal["curve", "pr", "image"]
Resize = Literal["opencv-linear", "pillow-bilinear", "nearest", "refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """Every choice that changes a number.

    Args:
        name: how reports call it.
        gt_threshold: a mask pixel is salient where ``value <comparison> threshold``, on 0..255.
        gt_comparison: ``>`` or ``>=``.
        gt_scaling: ``minmax`` stretches a mask to 0..255 before it is thresholded.
        scaling: ``minmax`` stretches each map to 0..1, except a constant one; ``none`` keeps
            ``value / 255``.
        mae_scaling: the same choice for MAE alone.
        thresholds: how many thresholds a curve has.
        quantisation: ``truncate`` compares ``uint8(value * 255)`` with the integers 255, 254, ..., 0;
            ``none`` compares the value itself with thresholds evenly spaced over [0, 1).
        comparison: a pixel is predicted salient where ``value <comparison> threshold``.
        adaptive_factor: the adaptive threshold is ``min(factor * mean, 1)``, compared with ``>=``.
        f_aggregation: where max and mean F come from: ``curve``, the F curve averaged over images;
            ``pr``, the precision and recall averaged over images; ``image``, each image's own max and
            mean, then averaged.
        e_aggregation: ``curve`` or ``image``, the same for the E-measure.
        f_beta2: beta squared of the F-measure.
        wf_beta2: beta squared of the weighted F-measure.
        wf_kernel_px: side of the Gaussian of the weighted F-measure, odd.
        wf_sigma_px: its standard deviation.
        s_alpha: weight of the object-aware half of the S-measure.
        resize: how a map of another size is brought to the mask's; ``refuse`` makes it an error.

    Raises:
        ProtocolError: a field holds a value that it does not know.

    Example:
        >>> Protocol().gt_threshold
        128.0
        >>> Protocol(comparison="<")
        Traceback (most recent call last):
        ...
        sodeval.errors.ProtocolError: comparison is '<'; expected one of '>', '>='
    """

    name: str = "pysodmetrics"
    gt_threshold: float = 128.0
    gt_comparison: Comparison = ">"
    gt_scaling: Scaling = "none"
    scaling: Scaling = "minmax"
    mae_scaling: Scaling = "minmax"
    thresholds: int = 256
    quantisation: Quantisation = "truncate"
    comparison: Comparison = ">="
    adaptive_factor: float = 2.0
    f_aggregation: Aggregation = "curve"
    e_aggregation: Literal["curve", "image"] = "curve"
    f_beta2: float = 0.3
    wf_beta2: float = 1.0
    wf_kernel_px: int = 7
    wf_sigma_px: float = 5.0
    s_alpha: float = 0.5
    resize: Resize = "opencv-linear"

    def __post_init__(self) -> None:
        for name, kind in get_type_hints(type(self)).items():
            object.__setattr__(self, name, _checked(name, getattr(self, name), kind))
        for problem in _contradictions(self):
            raise ProtocolError(problem)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def fingerprint(self) -> str:
        """32 hex digits that change with any choice, but not with the name."""
        choices = {k: v for k, v in self.to_json().items() if k != "name"}
        return hashlib.sha256(json.dumps(choices, sort_keys=True).encode()).hexdigest()[:32]

    def but(self, **choices: Any) -> Protocol:
        """This protocol with some choices replaced.

        Raises:
            ProtocolError: a choice has an unknown name or value.
        """
        known = [field.name for field in fields(self)]
        for name in choices:
            if name not in known:
                raise ProtocolError(f"a protocol has no choice {name!r}{did_you_mean(name, known)}")
        return replace(self, **choices)


def _checked(name: str, value: Any, kind: Any) -> Any:
    """A choice of the right type: whole numbers serve as floats, so that 1 and 1.0 are one protocol."""
    allowed = get_args(kind)
    if allowed and value not in allowed:
        raise ProtocolError(f"{name} is {value!r}; expected one of {', '.join(map(repr, allowed))}")
    if kind is float and type(value) is int:
        return float(value)
    if not allowed and type(value) is not kind:
        raise ProtocolError(f"{name} is {value!r}; expected {_IN_WORDS[kind]}")
    return value


_IN_WORDS = {float: "a number", int: "a whole number", str: "text"}


def _contradictions(protocol: Protocol) -> list[str]:
    found = []
    if protocol.quantisation == "truncate" and protocol.thresholds != 256:
        found.append(
            f"thresholds is {protocol.thresholds}; truncated levels have 256: "
            "set quantisation to 'none' to choose another number"
        )
    if not 2 <= protocol.thresholds <= 4096:
        found.append(f"thresholds is {protocol.thresholds}; expected 2 to 4096")
    if protocol.wf_kernel_px % 2 == 0 or not 1 <= protocol.wf_kernel_px <= 31:
        found.append(f"wf_kernel_px is {protocol.wf_kernel_px}; expected an odd number, 1 to 31")
    for name in ("adaptive_factor", "f_beta2", "wf_beta2", "wf_sigma_px"):
        if not 0 < getattr(protocol, name) < math.inf:
            found.append(f"{name} is {getattr(protocol, name)}; expected a finite number over 0")
    if protocol.wf_sigma_px < 0.1:
        found.append(f"wf_sigma_px is {protocol.wf_sigma_px}; expected 0.1 or more, which is a single pixel")
    if not 0 <= protocol.s_alpha <= 1:
        found.append(f"s_alpha is {protocol.s_alpha}; expected 0 to 1")
    if not 0 <= protocol.gt_threshold <= 255:
        found.append(f"gt_threshold is {protocol.gt_threshold}; expected 0 to 255")
    return found


PYSODMETRICS = Protocol()
MATLAB_SAL_EVAL = Protocol(name="matlab-sal-eval", f_aggregation="pr")
PSOD = Protocol(
    name="psod",
    gt_threshold=127.5,
    gt_comparison=">=",
    gt_scaling="minmax",
    thresholds=255,
    quantisation="none",
    f_aggregation="pr",
    resize="pillow-bilinear",
)

PRESETS: Mapping[str, Protocol] = {p.name: p for p in (PYSODMETRICS, MATLAB_SAL_EVAL, PSOD)}


def get_protocol(name: str) -> Protocol:
    """The preset of that name.

    Raises:
        ProtocolError: there is none; the message names the nearest.
    """
    if name not in PRESETS:
        raise ProtocolError(f"unknown protocol {name!r}{did_you_mean(name, list(PRESETS))}")
    return PRESETS[name]


def protocol_from_json(values: Mapping[str, Any]) -> Protocol:
    """The protocol that a report carries.

    Raises:
        ProtocolError: an unknown choice or value.
    """
    return Protocol().but(**values)
