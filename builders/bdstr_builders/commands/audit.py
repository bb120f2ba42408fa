"""``bdstr audit``: how good pseudo-masks are, where somebody has drawn the true ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

import sodeval

from ..auditing import masks_of, read_drawn

FORMATS = ("table", "json", "markdown")


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path, file_okay=False))
@click.option("--gt", type=click.Path(path_type=Path, file_okay=False), required=True, help="Drawn masks.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table", show_default=True)
def audit(dataset: Path, gt: Path, format_: str) -> None:
    """Score a dataset's masks against drawn ones of the same names, by sodeval.

    Photographs that were rejected have no mask to score: they are counted, not scored.

    \b
    Example:
      bdstr audit bds-tr --gt ECSSD/gt
    """
    from sodeval.outputs.report_json import to_json_text
    from sodeval.outputs.tables import to_text

    drawn = read_drawn(gt)
    evaluator = sodeval.Evaluator(families=["IoU"])
    for key, mask in masks_of(dataset):
        if key in drawn:
            evaluator.update(mask, drawn[key](), key)
    result = evaluator.result(dataset.name, gt.name, expected=len(drawn))
    report = sodeval.Report(evaluator.protocol, (result,), sodeval.__version__)
    texts: dict[str, Callable[[sodeval.Report], str]] = {
        "table": to_text,
        "json": to_json_text,
        "markdown": sodeval.Report.to_markdown,
    }
    click.echo(texts[format_](report).rstrip("\n"))
