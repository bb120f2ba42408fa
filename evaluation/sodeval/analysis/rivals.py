"""Which results of two reports are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..benchmarks import same_name
from ..errors import UsageError, did_you_mean
from ..printable import printable
from ..protocol import Protocol
from ..report import Report, Result


def pick(
    report_a: Report, report_b: Report, method_a: str | None = None, method_b: str | None = None
) -> list[tuple[Result, Result]]:
    """One method of each report, on every benchmark on which both were run.

    Without names, two reports of one method each are compared whatever the methods are called, and of
    others every method that both hold.

    Args:
        report_a: the first report.
        report_b: the second; may be the same, with two names.
        method_a: the method of the first; None where that is plain.
        method_b: the method of the second.

    Raises:
        UsageError: the reports follow different conventions, do not hold these methods, or leave open which
            are meant.
    """
    _check_protocols(report_a.protocol, report_b.protocol)
    names = _names(report_a, report_b, method_a, method_b)
    pairs = [
        (a, b)
        for a in report_a.results
        for b in report_b.results
        if (a.method, b.method) in names and same_name(a.benchmark, b.benchmark)
    ]
    if not pairs:
        raise UsageError(
            f"the first report is on {_list(report_a.benchmarks)}, the second on "
            f"{_list(report_b.benchmarks)}; expected the methods on one benchmark"
        )
    return pairs


def benchmarks_left_out(
    report_a: Report, report_b: Report, pairs: Sequence[tuple[Result, Result]]
) -> list[str]:
    """The benchmarks of both reports on which nothing is compared."""
    compared = {result.benchmark for pair in pairs for result in pair}
    return [
        name for name in dict.fromkeys((*report_a.benchmarks, *report_b.benchmarks)) if name not in compared
    ]


def _check_protocols(a: Protocol, b: Protocol) -> None:
    other = b.to_json()
    differing = [
        f"{name} {value} and {other[name]}"
        for name, value in a.to_json().items()
        if name != "name" and value != other[name]
    ]
    if differing:
        raise UsageError(
            f"the reports follow different conventions: {', '.join(differing)}; "
            "score both with one --protocol, then compare"
        )


def _names(
    report_a: Report, report_b: Report, method_a: str | None, method_b: str | None
) -> list[tuple[str, str]]:
    left, right = _methods(report_a, method_a, "first"), _methods(report_b, method_b, "second")
    if len(left) == len(right) == 1:
        return [(left[0], right[0])]
    if report_a.to_json() == report_b.to_json():
        raise UsageError(f"both reports are the same one: name two of its methods, {_list(_held(report_a))}")
    shared = [(name, name) for name in left if name in right]
    if not shared:
        raise UsageError(
            f"the first report holds {_list(left)}, the second {_list(right)}: name one method of each"
        )
    return shared


def _methods(report: Report, named: str | None, which: str) -> list[str]:
    held = _held(report)
    if named is None:
        return held
    if named not in held:
        raise UsageError(f"the {which} report holds no method {named!r}{did_you_mean(named, held)}")
    return [named]


def _held(report: Report) -> list[str]:
    return list(dict.fromkeys(result.method for result in report.results))


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(printable, names)) or "nothing"
