"""``bdstr audit``: how good pseudo-masks are, where somebody has drawn the true ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

import sodeval
from bdstr.errors import SourceError

from ..auditing import masks_of, read_drawn

FORMATS = ("table", "json", "markdown")


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path, file_okay=False))
@click.option("--gt", type=click.Path(path_type=Path, file_okay=False), required=True, help="Drawn masks.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table", show_default=True)
def audit(dataset: Path, gt: Path, format_: str) -> None:
    """Score a dataset's masks against drawn ones of the same names, by sodeval.

    Photographs that were rejected have no mask to score: they are counted, not scored. So are drawn masks of
    other photographs; rows that nobody drew a mask for are passed over, and counted on standard error.

    \b
    Example:
      bdstr audit bds-tr --gt ECSSD/gt
    """
    from sodeval.outputs.report_json import to_json_text
    from sodeval.outputs.tables import to_text

    drawn = read_drawn(gt)
    evaluator = sodeval.Evaluator(families=["IoU"])
    others: list[str] = []
    for key, mask in masks_of(dataset):
        if key in drawn:
            evaluator.update(mask, drawn[key](), key)
        else:
            others.append(key)
    if not len(evaluator):
        _refuse_strangers(dataset, gt, list(drawn), others)
    if others:
        click.echo(f"{gt}: no mask for {len(others):,} rows of {dataset}, e.g. {others[0]}", err=True)
    result = evaluator.result(dataset.name, gt.name, expected=len(drawn))
    report = sodeval.Report(evaluator.protocol, (result,), sodeval.__version__)
    texts: dict[str, Callable[[sodeval.Report], str]] = {
        "table": to_text,
        "json": to_json_text,
        "markdown": sodeval.Report.to_markdown,
    }
    click.echo(texts[format_](report).rstrip("\n"))


def _refuse_strangers(dataset: Path, gt: Path, drawn: Sequence[str], keys: Sequence[str]) -> None:
    rows = f"rows called like {keys[0]}" if keys else "no rows with a mask"
    raise SourceError(
        f"{gt}: holds masks called like {drawn[0]}, and {dataset} {rows}; expected the same names: check the "
        "paths"
    )
