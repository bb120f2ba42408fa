"""Why a number differs from the paper's: the same maps under other conventions."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..defaults import DEFAULT_MAX_PIXELS, DEFAULT_SAMPLE
from ..errors import PairingError, UsageError, did_you_mean
from ..evaluation import OnProgress, Options, evaluate_pairings
from ..inputs.pairing import Pairing
from ..measures import STANDARD
from ..printable import printable
from ..problem import Problem
from ..protocol import Protocol
from ..report import Result
from .variants import Variant, variants_of

VISIBLE = 5e-5
"""A smaller difference does not show in four decimals."""


@dataclass(frozen=True, slots=True)
class Row:
    """The scores under one set of conventions.

    Args:
        variant: the conventions.
        scores: measure -> score, in the order of `measures.STANDARD`.
        differences: measure -> score less that under the protocol as given.
    """

    variant: Variant
    scores: Mapping[str, float]
    differences: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One method on images of one benchmark, under many conventions.

    Args:
        method: its name.
        benchmark: the benchmark's name.
        images: how many were scored.
        available: how many masks there are.
        seed: of the draw; None where all maps were taken.
        rows: the protocol as given, then the other presets, then each choice changed.
        problems: files of the drawn images that could not be used.
    """

    method: str
    benchmark: str
    images: int
    available: int
    seed: int | None
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]

    @property
    def given(self) -> Row:
        """The protocol as given."""
        return self.rows[0]


def explain(
    pairing: Pairing,
    method: str,
    protocol: Protocol,
    *,
    sample: int | None = DEFAULT_SAMPLE,
    seed: int = 0,
    workers: int = 1,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    on_progress: OnProgress | None = None,
) -> Explanation:
    """Scores the same maps under every preset and with every single choice of a protocol changed.

    Args:
        pairing: the files of one benchmark.
        method: whose maps.
        protocol: what is changed, a choice at a time.
        sample: how many images are drawn; None takes all, as a published number does.
        seed: of the draw.
        workers: processes.
        max_pixels: larger images are refused.
        on_progress: called with the pairs scored so far and those of all conventions together.

    Raises:
        UsageError: no such method, or a sample of no images.
        PairingError: none of its maps could be scored.
    """
    part = draw(pairing, method, sample, seed)
    options = Options(protocol=protocol, workers=workers, max_pixels=max_pixels, allow_missing=True)
    result = _score(part, options, None)
    resized = any(problem.kind == "resized" for problem in result.problems)
    variants = [Variant("given", protocol.name, protocol), *variants_of(protocol, resized=resized)]
    distinct = {variant.protocol.fingerprint: variant.protocol for variant in variants[1:]}
    scores = {protocol.fingerprint: result.scores}
    for done, (fingerprint, other) in enumerate(distinct.items()):
        on_part = _part_of(on_progress, done, len(distinct))
        scores[fingerprint] = _score(part, replace(options, protocol=other), on_part).scores
    return Explanation(
        method=method,
        benchmark=pairing.benchmark,
        images=result.images,
        available=len(pairing.masks),
        seed=seed if len(part.masks) < len(pairing.maps[method]) else None,
        rows=tuple(
            _row(variant, scores[variant.protocol.fingerprint], result.scores) for variant in variants
        ),
        problems=tuple(problem for problem in result.problems if problem.is_error),
    )


def draw(pairing: Pairing, method: str, sample: int | None, seed: int) -> Pairing:
    """The pairing of one method alone, with some of its maps drawn at random.

    Raises:
        UsageError: no such method, or a sample of no images.
        PairingError: it has no map with a mask.
    """
    if method not in pairing.maps:
        raise UsageError(f"unknown method {method!r}{did_you_mean(method, pairing.maps)}")
    if sample is not None and sample < 1:
        raise UsageError(f"a sample of {sample} images; expected 1 or more")
    maps = pairing.maps[method]
    if not maps:
        raise PairingError(f"{_who(pairing, method)}: no map has a mask; sodeval check lists the files")
    keys = sorted(maps)
    if sample is not None and sample < len(keys):
        keys = sorted(random.Random(seed).sample(keys, sample))
    drawn = {key: maps[key] for key in keys}
    return Pairing(pairing.benchmark, {key: pairing.masks[key] for key in keys}, {method: drawn}, {})


def _score(part: Pairing, options: Options, on_progress: OnProgress | None) -> Result:
    (result,) = evaluate_pairings([part], options, on_progress).results
    if not result.scored:
        errors = [f"{problem.file}: {problem.detail}" for problem in result.problems if problem.is_error]
        raise PairingError(f"{_who(part, result.method)}: no map could be scored; the first: {errors[0]}")
    return result


def _part_of(on_progress: OnProgress | None, part: int, parts: int) -> OnProgress | None:
    if on_progress is None:
        return None
    return lambda name, done, total: on_progress(name, part * total + done, parts * total)


def _row(variant: Variant, scores: Mapping[str, float], given: Mapping[str, float]) -> Row:
    return Row(variant, scores, {name: score - given[name] for name, score in scores.items()})


def _who(pairing: Pairing, method: str) -> str:
    return f"{printable(method)} on {printable(pairing.benchmark)}"


def movers(explanation: Explanation) -> dict[str, Row | None]:
    """Measure -> the single choice that moves it most; None where none moves its four decimals."""
    choices = [row for row in explanation.rows if row.variant.kind == "choice"]
    most = {
        name: max(choices, key=lambda row: _size(row.differences[name]), default=None)
        for name in explanation.given.scores
    }
    return {
        name: row if row and _size(row.differences[name]) >= VISIBLE else None for name, row in most.items()
    }


def _size(difference: float) -> float:
    return 0.0 if math.isnan(difference) else abs(difference)


def nearest(explanation: Explanation, targets: Mapping[str, float]) -> tuple[Row, ...]:
    """The rows by how close they come to published scores, the closest first.

    Args:
        explanation: of all images, if the published scores are.
        targets: measure -> published score.

    Raises:
        UsageError: no target, an unknown measure, or a score that is none.
    """
    if not targets:
        raise UsageError("no target; expected a published score, e.g. maxF=0.806")
    for name, value in targets.items():
        if name not in STANDARD:
            raise UsageError(f"unknown measure {name!r}{did_you_mean(name, STANDARD)}")
        if not 0 <= value <= 1:
            raise UsageError(f"{name}={value:g}; expected a score in 0..1, e.g. 0.806 for 80.6 %")
    return tuple(sorted(explanation.rows, key=lambda row: distance(row, targets)))


def distance(row: Row, targets: Mapping[str, float]) -> float:
    """How far a row is from published scores: the absolute differences added up."""
    total = sum(abs(row.scores[name] - value) for name, value in targets.items())
    return math.inf if math.isnan(total) else total
