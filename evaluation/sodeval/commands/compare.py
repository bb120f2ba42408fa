"""``sodeval compare``: chance or not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .formats import format_option
from .progress import progress

if TYPE_CHECKING:
    from ..analysis.comparison import Comparison


@click.command()
@click.argument("a", type=click.Path(path_type=Path, readable=False))
@click.argument("b", type=click.Path(path_type=Path, readable=False))
@click.option("--method-a", metavar="NAME", help="Which method of A, where it holds several.")
@click.option("--method-b", metavar="NAME", help="Which method of B.")
@click.option("--resamples", type=click.IntRange(1, 10_000), default=2000, show_default=True)
@click.option("--level", type=float, default=0.95, show_default=True, help="Of the intervals.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@format_option("table", "markdown", "csv", "json")
def compare(
    a: Path,
    b: Path,
    method_a: str | None,
    method_b: str | None,
    resamples: int,
    level: float,
    seed: int,
    format_: str,
) -> None:
    """Tell whether two methods differ by more than chance.

    A and B are folders written by `run --out`; the same one twice with two methods will do. For each measure:
    the paired bootstrap interval of the difference and the Wilcoxon signed-rank test, on the images that both
    hold.

    \b
    Examples:
      sodeval compare report-mine report-theirs
      sodeval compare report report --method-a DSS --method-b Mine
    """
    from ..analysis.comparison import compare as compare_results
    from ..analysis.rivals import benchmarks_left_out, pick
    from ..outputs.report_files import read_report

    report_a, report_b = read_report(a), read_report(b)
    pairs = pick(report_a, report_b, method_a, method_b)
    for benchmark in benchmarks_left_out(report_a, report_b, pairs):
        click.echo(f"{benchmark}: not in both reports, left out", err=True)
    compared = []
    with progress("benchmarks") as on_progress:
        for one, other in pairs:
            compared.append(
                compare_results(one, other, report_a.protocol, resamples=resamples, seed=seed, level=level)
            )
            on_progress("comparing", len(compared), len(pairs))
    click.echo(_rendered(compared, format_).rstrip("\n"))


def _rendered(compared: Sequence[Comparison], format_: str) -> str:
    from ..analysis import comparison_text

    if format_ == "json":
        return json.dumps(comparison_text.to_json(compared), indent=2)
    texts = {
        "table": comparison_text.to_text,
        "markdown": comparison_text.to_markdown,
        "csv": comparison_text.to_csv,
    }
    return texts[format_](compared)
