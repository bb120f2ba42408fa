"""``sodeval compare``: chance or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from ..analysis import comparison_text
from ..analysis.comparison import Comparison
from ..analysis.comparison import compare as compare_results
from ..analysis.rivals import benchmarks_left_out, pick
from ..outputs.report_files import read_report

Render = Callable[[Sequence[Comparison]], str]

FORMATS: dict[str, Render] = {
    "table": comparison_text.to_text,
    "markdown": comparison_text.to_markdown,
    "csv": comparison_text.to_csv,
    "json": lambda comparisons: json.dumps(comparison_text.to_json(comparisons), indent=2),
}


@click.command()
@click.argument("a", type=click.Path(path_type=Path, readable=False))
@click.argument("b", type=click.Path(path_type=Path, readable=False))
@click.option("--method-a", metavar="NAME", help="Which method of A, where it holds several.")
@click.option("--method-b", metavar="NAME", help="Which method of B.")
@click.option("--resamples", type=click.IntRange(1, 10_000), default=2000, show_default=True)
@click.option("--level", type=float, default=0.95, show_default=True, help="Of the intervals.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="table", show_default=True)
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
    report_a, report_b = read_report(a), read_report(b)
    pairs = pick(report_a, report_b, method_a, method_b)
    for benchmark in benchmarks_left_out(report_a, report_b, pairs):
        click.echo(f"{benchmark}: not in both reports, left out", err=True)
    compared = [
        compare_results(one, other, report_a.protocol, resamples=resamples, seed=seed, level=level)
        for one, other in pairs
    ]
    click.echo(FORMATS[format_](compared).rstrip("\n"))
