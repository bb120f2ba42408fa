"""Conventions as data: the presets, what is refused, and a fingerprint of what changes a number."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from sodeval.errors import ProtocolError
from sodeval.protocol import (
    MATLAB_SAL_EVAL,
    PRESETS,
    PSOD,
    PYSODMETRICS,
    Protocol,
    get_protocol,
    protocol_from_json,
)

DEFAULT: dict[str, Any] = {
    "name": "pysodmetrics",
    "gt_threshold": 128.0,
    "gt_comparison": ">",
    "gt_scaling": "none",
    "scaling": "minmax",
    "mae_scaling": "minmax",
    "thresholds": 256,
    "quantisation": "truncate",
    "comparison": ">=",
    "adaptive_factor": 2.0,
    "f_aggregation": "curve",
    "e_aggregation": "curve",
    "f_beta2": 0.3,
    "wf_beta2": 1.0,
    "wf_kernel_px": 7,
    "wf_sigma_px": 5.0,
    "s_alpha": 0.5,
    "resize": "opencv-linear",
}
OTHER: dict[str, Any] = {
    "gt_threshold": 127.5,
    "gt_comparison": ">=",
    "gt_scaling": "minmax",
    "scaling": "none",
    "mae_scaling": "none",
    "quantisation": "none",
    "comparison": ">",
    "adaptive_factor": 1.5,
    "f_aggregation": "pr",
    "e_aggregation": "image",
    "f_beta2": 1.0,
    "wf_beta2": 0.3,
    "wf_kernel_px": 5,
    "wf_sigma_px": 1.0,
    "s_alpha": 0.6,
    "resize": "nearest",
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"comparison": "<"}, "comparison is '<'; expected one of '>', '>='"),
    ({"scaling": "max"}, "scaling is 'max'; expected one of 'minmax', 'none'"),
    ({"e_aggregation": "pr"}, "e_aggregation is 'pr'; expected one of 'curve', 'image'"),
    ({"thresholds": 255}, "truncated levels have 256: set quantisation to 'none'"),
    ({"thresholds": 1, "quantisation": "none"}, "thresholds is 1; expected 2 to 4096"),
    ({"thresholds": 4097, "quantisation": "none"}, "thresholds is 4097; expected 2 to 4096"),
    ({"thresholds": 255.0, "quantisation": "none"}, "thresholds is 255.0; expected a whole number"),
    ({"thresholds": True}, "thresholds is True; expected a whole number"),
    ({"wf_sigma_px": 1e-200}, "wf_sigma_px is 1e-200; expected 0.1 or more"),
    ({"wf_kernel_px": 6}, "wf_kernel_px is 6; expected an odd number, 1 to 31"),
    ({"wf_kernel_px": -1}, "wf_kernel_px is -1; expected an odd number, 1 to 31"),
    ({"wf_kernel_px": 33}, "wf_kernel_px is 33; expected an odd number, 1 to 31"),
    ({"wf_sigma_px": 0}, "wf_sigma_px is 0.0; expected a finite number over 0"),
    ({"f_beta2": -0.3}, "f_beta2 is -0.3; expected a finite number over 0"),
    ({"wf_beta2": float("nan")}, "wf_beta2 is nan; expected a finite number over 0"),
    ({"adaptive_factor": float("inf")}, "adaptive_factor is inf; expected a finite number over 0"),
    ({"f_beta2": "0.3"}, "f_beta2 is '0.3'; expected a number"),
    ({"s_alpha": 1.01}, "s_alpha is 1.01; expected 0 to 1"),
    ({"s_alpha": float("nan")}, "s_alpha is nan; expected 0 to 1"),
    ({"gt_threshold": 256}, "gt_threshold is 256.0; expected 0 to 255"),
    ({"gt_threshold": None}, "gt_threshold is None; expected a number"),
    ({"name": 3}, "name is 3; expected text"),
]


def test_the_default_is_pysodmetrics() -> None:
    assert Protocol() == PYSODMETRICS
    assert PYSODMETRICS.to_json() == DEFAULT


def test_the_matlab_preset_takes_f_from_averaged_precision_and_recall() -> None:
    assert MATLAB_SAL_EVAL.to_json() == DEFAULT | {"name": "matlab-sal-eval", "f_aggregation": "pr"}


def test_the_psod_preset_has_255_thresholds_and_half_of_white() -> None:
    assert PSOD.to_json() == DEFAULT | {
        "name": "psod",
        "gt_threshold": 127.5,
        "gt_comparison": ">=",
        "gt_scaling": "minmax",
        "thresholds": 255,
        "quantisation": "none",
        "f_aggregation": "pr",
        "resize": "pillow-bilinear",
    }


def test_presets_go_by_their_own_names() -> None:
    assert list(PRESETS) == ["pysodmetrics", "matlab-sal-eval", "psod"]
    assert all(get_protocol(name).name == name for name in PRESETS)


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(ProtocolError, match=r"unknown protocol 'psd'; did you mean 'psod'\?"):
        get_protocol("psd")


def test_an_unknown_choice_names_the_nearest() -> None:
    with pytest.raises(ProtocolError, match=r"no choice 'threshold'; did you mean 'thresholds'\?"):
        Protocol().but(threshold=255)
    with pytest.raises(ProtocolError, match="no choice 'aggregation_f'"):
        protocol_from_json({"aggregation_f": "pr"})


@pytest.mark.parametrize(("choices", "reason"), REFUSED, ids=str)
def test_a_choice_that_makes_no_sense_is_refused(choices: dict[str, Any], reason: str) -> None:
    for make in (
        lambda: Protocol(**choices),
        lambda: Protocol().but(**choices),
        lambda: protocol_from_json(choices),
    ):
        with pytest.raises(ProtocolError) as caught:
            make()
        assert reason in str(caught.value)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_protocol_goes_through_json(preset: Protocol) -> None:
    back = protocol_from_json(json.loads(json.dumps(preset.to_json())))
    assert back == preset
    assert back.fingerprint == preset.fingerprint


def test_the_fingerprint_changes_with_every_choice() -> None:
    assert OTHER.keys() == DEFAULT.keys() - {"name", "thresholds"}
    changed = [Protocol().but(**{name: value}) for name, value in OTHER.items()]
    changed.append(Protocol(quantisation="none", thresholds=255))
    assert len({protocol.fingerprint for protocol in (Protocol(), *changed)}) == len(changed) + 1


def test_the_fingerprint_does_not_change_with_the_name() -> None:
    assert Protocol(name="mine").fingerprint == Protocol().fingerprint


def test_whole_numbers_serve_as_floats() -> None:
    assert Protocol(gt_threshold=128, adaptive_factor=2).fingerprint == Protocol().fingerprint


def test_a_protocol_cannot_be_changed_in_place() -> None:
    protocol = Protocol()
    with pytest.raises(FrozenInstanceError):
        protocol.f_beta2 = 1.0  # type: ignore[misc]
    assert [field.name for field in fields(protocol)] == list(DEFAULT)
