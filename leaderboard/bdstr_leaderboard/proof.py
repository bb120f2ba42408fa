"""Whether an entry holds: its scores follow from what it keeps of the images and of the curves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
from jaxtyping import Float64

from bdstr.errors import BoardError
from sodeval.benchmarks import find_benchmark
from sodeval.printable import printable
from sodeval.protocol import PRESETS
from sodeval.tally import f_of_averages

from .entry import CURVES, DECIMALS, Entry
from .words import faults_of_title, faults_of_words, is_date

PROTOCOL = "pysodmetrics"
"""The one convention that measured entries follow, so that they can be ranked."""

TOLERANCE = 10.0**-DECIMALS
"""Of a mean of rounded values."""

CURVE_TOLERANCE = 10 * TOLERANCE
"""Of what follows from a rounded precision and a rounded recall together."""

HIGHEST = 1.001
"""The E-measure divides by the pixels less one: a perfect map scores a little over 1."""

_ADDRESS = ("https://", "http://")


def check(entry: Entry, where: str) -> None:
    """Refuses an entry that does not hold.

    Raises:
        BoardError: what was found, what was expected, what to do.
    """
    for fault in faults(entry):
        raise BoardError(f"{printable(where)}: {fault}")


def faults(entry: Entry) -> Iterator[str]:
    """What does not hold of an entry, one sentence each; what comes later relies on what came before."""
    yield from _of_words(entry)
    yield from _of_addresses(entry)
    yield from _of_benchmark(entry)
    yield from _of_shapes(entry)
    yield from _of_ranges(entry)
    yield from _of_scores(entry)


def _of_words(entry: Entry) -> Iterator[str]:
    said = asdict(entry.method) | asdict(entry.run) | {"sodeval": entry.sodeval}
    yield from faults_of_words({name: each for name, each in said.items() if isinstance(each, str)})
    yield from faults_of_title(entry.method.name, entry.method.title)
    if not entry.run.by.strip():
        yield "by: found nothing; expected who ran sodeval"
    if not is_date(entry.run.date):
        yield f"date: found {entry.run.date!r}; expected the day of the run, such as 2026-11-25"
    if not re.fullmatch("[0-9a-f]{8,}", entry.gt_fingerprint):
        yield f"gt_fingerprint: found {entry.gt_fingerprint!r}; expected hexadecimal: submit the report again"


def _of_addresses(entry: Entry) -> Iterator[str]:
    given = {"paper": entry.method.paper, "code": entry.method.code, "maps": entry.run.maps}
    for name, address in given.items():
        if address and not address.startswith(_ADDRESS):
            yield f"{name}: found {address!r}; expected an address that begins with https://, or nothing"


def _of_benchmark(entry: Entry) -> Iterator[str]:
    benchmark = find_benchmark(entry.benchmark)
    if entry.protocol != PROTOCOL:
        yield f"protocol: found {entry.protocol!r}; expected {PROTOCOL}: run sodeval again without --protocol"
    if benchmark is None or benchmark.name != entry.benchmark:
        yield f"benchmark: found {entry.benchmark!r}; expected one of `sodeval benchmarks`"
    elif len(entry.keys) != benchmark.images:
        yield (
            f"keys: found {len(entry.keys):,} images; {benchmark.name} has {benchmark.images:,}: "
            "score all of it"
        )
    elif entry.gt_known != (entry.gt_fingerprint == benchmark.fingerprint):
        yield (
            f"gt_known: found {str(entry.gt_known).lower()}; the fingerprint says otherwise: "
            "submit the report again"
        )


def _of_shapes(entry: Entry) -> Iterator[str]:
    if list(entry.keys) != sorted(set(entry.keys)):
        yield "keys: expected names in order, each once"
    for name, values in entry.values.items():
        if len(values) != len(entry.keys):
            yield f"{name}: found {len(values):,} values; expected {len(entry.keys):,}, one an image"
    thresholds = PRESETS[PROTOCOL].thresholds
    for name in CURVES:
        if len(entry.curves.get(name, ())) != thresholds:
            yield (
                f"curves: {name}: found {len(entry.curves.get(name, ()))} values; "
                f"expected {thresholds}, one a threshold"
            )


def _of_ranges(entry: Entry) -> Iterator[str]:
    for name, score in entry.scores.items():
        if not 0 <= score <= HIGHEST:
            yield f"{name}: found {score}; expected 0 to 1"
    for kept in (entry.values, entry.curves):
        for name, values in kept.items():
            if not ((values >= 0) & (values <= HIGHEST)).all():
                yield f"{name}: found {values.min():g} to {values.max():g}; expected 0 to 1"


def _of_scores(entry: Entry) -> Iterator[str]:
    of_curves = _scores_of_curves(entry)
    for name in entry.scores.keys() | entry.values.keys():
        score = entry.scores.get(name, np.nan)
        if name not in entry.values and name not in of_curves:
            yield f"{name}: found {score:.7f} without what it follows from: submit the report again"
        if name in entry.values and not abs(entry.values[name].mean() - score) < TOLERANCE:
            yield _other(name, "the mean of its values", float(entry.values[name].mean()), score)
        if name in of_curves and not abs(of_curves[name] - score) < CURVE_TOLERANCE:
            yield _other(name, "what its curves give", of_curves[name], score)


def _other(name: str, what: str, found: float, score: float) -> str:
    return f"{name}: {what} is {found:.7f}; the score says {score:.7f}: submit the report again"


def _scores_of_curves(entry: Entry) -> dict[str, float]:
    pr = f_of_averages(entry.curves, PRESETS[PROTOCOL].f_beta2)
    curves: dict[str, Float64[np.ndarray, "thresholds"]] = {
        "{}F": entry.curves["F"],
        "{}E": entry.curves["E"],
        "{}F_pr": pr,
    }
    best = {name.format("max"): float(curve.max()) for name, curve in curves.items()}
    means = {name.format("mean"): float(curve.mean()) for name, curve in curves.items()}
    return best | means
