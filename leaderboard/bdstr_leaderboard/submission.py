"""From a report of sodeval to entries of the board, or to the reason why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float64

from bdstr.errors import BoardError
from sodeval import Report, Result
from sodeval.benchmarks import Benchmark, find_benchmark
from sodeval.curves import confusions, curve_rates
from sodeval.errors import did_you_mean
from sodeval.measures import STANDARD
from sodeval.protocol import PRESETS, Protocol
from sodeval.report import PerImage

from .entry import CURVES, Entry, Run, Values
from .figure import Method
from .proof import PROTOCOL, check

BEST = {"maxF": "F", "maxE": "E"}
"""Measures that are the best of an averaged curve, and which."""

Rates = Float64[np.ndarray, "n thresholds"]


def entries_of(
    report: Report,
    reported: str | None,
    method: Method,
    run: Callable[[Result], Run],
    benchmarks: Sequence[str] = (),
) -> tuple[Entry, ...]:
    """The entries of one method in a report, one a benchmark, with the standard measures.

    Args:
        report: with what lies beside its ``report.json``.
        reported: how the report calls the method; None where it has only one.
        method: what it is.
        run: of a result all of whose images are scored: where the numbers come from.
        benchmarks: only these, as the report calls them; empty for all.

    Raises:
        BoardError: another protocol, another benchmark, images missing, or files missing beside the report:
            says what to do.
    """
    _check_protocol(report.protocol)
    results = [
        result for result in _of_method(report, reported) if not benchmarks or result.benchmark in benchmarks
    ]
    missing = [name for name in benchmarks if name not in {result.benchmark for result in results}]
    if missing:
        raise BoardError(
            f"the report has no scores on {missing[0]!r}{did_you_mean(missing[0], report.benchmarks)}"
        )
    return tuple(_entry(report, result, method, run) for result in results)


def _check_protocol(protocol: Protocol) -> None:
    if protocol != PRESETS[PROTOCOL]:
        raise BoardError(
            f"its protocol is {protocol.name}, with choices of its own or not those of {PROTOCOL}; the board "
            f"ranks only what follows {PROTOCOL}: run sodeval again without --protocol and --set"
        )


def _of_method(report: Report, reported: str | None) -> Sequence[Result]:
    names = list(dict.fromkeys(result.method for result in report.results))
    wanted = names[0] if reported is None and len(names) == 1 else reported
    if wanted is None:
        raise BoardError(f"the report has scores of {', '.join(names)}; name one of them: --method NAME")
    if wanted not in names:
        raise BoardError(f"the report has no scores of {wanted!r}{did_you_mean(wanted, names)}")
    return [result for result in report.results if result.method == wanted]


def _entry(report: Report, result: Result, method: Method, run: Callable[[Result], Run]) -> Entry:
    benchmark = find_benchmark(result.benchmark)
    if benchmark is None:
        raise BoardError(
            f"{result.benchmark}: no benchmark that sodeval knows; expected one of `sodeval benchmarks`: "
            "name it with --benchmark when you run sodeval"
        )
    per_image = _whole(result, benchmark)
    entry = Entry(
        method=method,
        benchmark=benchmark.name,
        run=run(result),
        sodeval=report.sodeval,
        protocol=report.protocol.name,
        gt_fingerprint=result.gt_fingerprint,
        gt_known=result.gt_copy == "known",
        scores={name: result.scores[name] for name in STANDARD},
        keys=per_image.keys,
        values=_values(per_image, report.protocol),
        curves={name: (result.curves or {})[name] for name in CURVES},
    )
    check(entry, f"{method.title} on {benchmark.name}")
    return entry


def _whole(result: Result, benchmark: Benchmark) -> PerImage:
    """The scores of its images, of which none may be missing."""
    who = f"{result.method} on {benchmark.name}"
    if result.partial or not result.scored:
        raise BoardError(
            f"{who}: {result.images:,} of {result.expected:,} images are scored; expected all: make the "
            "missing maps and run sodeval again"
        )
    if result.images != benchmark.images:
        raise BoardError(
            f"{who}: {result.images:,} images; {benchmark.name} has {benchmark.images:,}: score all of it"
        )
    if result.per_image is None or result.per_image.counts is None or result.curves is None:
        raise BoardError(
            f"{who}: per_image.csv and curves.npz must lie beside report.json, whole: they are the proof; "
            "run sodeval again with --out"
        )
    if not all(np.isfinite(values).all() for values in result.per_image.values.values()):
        raise BoardError(f"{who}: a measure is not defined on some images; expected a number for each")
    return result.per_image


def _values(per_image: PerImage, protocol: Protocol) -> Values:
    """A value an image whose mean is the score; precision and recall averaged over images have none."""
    means = {
        name: values for name, values in per_image.values.items() if name in STANDARD and name not in BEST
    }
    return means | {name: _at_best(per_image, curve, protocol) for name, curve in BEST.items()}


def _at_best(per_image: PerImage, curve: str, protocol: Protocol) -> Float64[np.ndarray, "n"]:
    """Each image's value at the threshold at which the average over images is best."""
    if per_image.counts is None:
        raise BoardError("no counts; expected curves.npz beside report.json")
    rates: Rates = curve_rates(protocol.f_beta2)[curve](confusions(per_image.counts))
    at: Float64[np.ndarray, "n"] = rates[:, rates.mean(axis=0).argmax()]
    return at
