"""Reports made up for tests: small, with every field filled."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sodeval.measures import STANDARD
from sodeval.problem import Problem
from sodeval.protocol import Protocol
from sodeval.report import PerImage, Report, Result

sys.path.append(str(Path(__file__).parent))  # where tests find pairs.py, which several of them share

MakeResult = Callable[..., Result]
MakeReport = Callable[..., Report]


def _make_result(method: str = "Ours", benchmark: str = "ECSSD", images: int = 4, **changes: Any) -> Result:
    random = np.random.default_rng(sum(map(ord, method + benchmark)))
    keys = tuple(f"{i:04d}" for i in range(images))
    values = {name: random.random(images) for name in STANDARD if not name.endswith("_pr")}
    counts = random.integers(0, 1000, (images, 2, 257), dtype=np.uint32)
    fields: dict[str, Any] = {
        "images": images,
        "expected": images,
        "scores": {name: float(random.random()) for name in STANDARD},
        "problems": (Problem("maps/0001.png", "resized", "it was 10 x 10 pixels", "note"),),
        "gt_fingerprint": "0f" * 32,
        "gt_copy": "known",
        "per_image": PerImage(keys, values, counts),
        "curves": {name: np.sort(random.random(256)) for name in ("precision", "recall", "F", "E")},
    }
    return Result(method=method, benchmark=benchmark, **(fields | changes))


def _make_report(*results: Result, protocol: Protocol | None = None) -> Report:
    return Report(protocol or Protocol(), results or (_make_result(),), "1.2.3")


@pytest.fixture(scope="session")
def make_result() -> MakeResult:
    return _make_result


@pytest.fixture(scope="session")
def make_report() -> MakeReport:
    return _make_report


@pytest.fixture(scope="session")
def incomplete_report() -> Report:
    """Two whole methods, one with two maps missing, one partial that would be the best of all."""
    missing = tuple(Problem(f"maps/{key}.png", "missing", "no map") for key in ("0001", "0002"))
    best = {name: 0.0 if measure.better == "lower" else 1.0 for name, measure in STANDARD.items()}
    left_out = _make_result(
        "LeftOut", images=2, expected=4, scores={}, problems=missing, per_image=None, curves=None
    )
    partial = _make_result("Partial", images=3, expected=4, scores=best, problems=missing[:1])
    return _make_report(_make_result("A"), _make_result("B"), left_out, partial)
