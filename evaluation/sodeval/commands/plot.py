"""``sodeval plot``: curves of one or more reports in one picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ReportError, UsageError
from ..outputs.atomic import write_atomically

if TYPE_CHECKING:
    from ..report import Report, Result

KINDS = ("pr", "f", "e")
"""The files that `sodeval.outputs.plots` draws, without their extension."""


@click.command()
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--kind", type=click.Choice(KINDS), multiple=True, help="Which; all unless given.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder of the pictures; else this one.",
)
@click.option(
    "--format", "format_", type=click.Choice(["svg", "png", "pdf"]), default="svg", show_default=True
)
def plot(reports: tuple[Path, ...], kind: tuple[str, ...], out: Path, format_: str) -> None:
    """Draw precision-recall, F- and E-measure curves.

    REPORTS are folders written by `run --out`, or their report.json.

    \b
    Example:
      sodeval plot report-mine report-theirs --kind pr --format pdf
    """
    from ..outputs.plots import FILES, plot_bytes
    from ..outputs.report_files import read_report

    report = join({path: read_report(path) for path in reports})
    if not any(result.curves for result in report.results):
        raise ReportError(
            "no curves: expected curves.npz beside report.json, as `sodeval run --out` writes it"
        )
    for name in kind or KINDS:
        path = out / f"{name}.{format_}"
        write_atomically(path, plot_bytes(report, FILES[f"{name}.svg"], format_))
        click.echo(path)


def join(reports: Mapping[Path, Report]) -> Report:
    """One report of all results; a method that comes twice is told apart by its report.

    Raises:
        UsageError: they follow different conventions or have different masks, so that their curves cannot
            be compared.
    """
    from ..report import Report

    first = next(iter(reports.values()))
    for report in reports.values():
        if report.protocol.fingerprint != first.protocol.fingerprint:
            raise UsageError(
                f"reports of different protocols ({first.protocol.name}, {report.protocol.name}); "
                "expected one: score all maps with the same --protocol"
            )
    results = [(path, result) for path, report in reports.items() for result in report.results]
    _refuse_other_masks(results)
    times = Counter((result.benchmark, result.method) for _, result in results)
    named = [
        replace(result, method=f"{result.method} ({path})")
        if times[result.benchmark, result.method] > 1
        else result
        for path, result in results
    ]
    return Report(first.protocol, tuple(sorted(named, key=lambda r: r.benchmark)), first.sodeval)


def _refuse_other_masks(results: Sequence[tuple[Path, Result]]) -> None:
    masks: dict[str, tuple[Path, str]] = {}
    for path, result in results:
        other, fingerprint = masks.setdefault(result.benchmark, (path, result.gt_fingerprint))
        if fingerprint != result.gt_fingerprint:
            raise UsageError(
                f"{other} and {path}: different masks of {result.benchmark}; expected the same: "
                "score all maps against one copy"
            )
