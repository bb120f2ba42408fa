"""``bdstr audit``: how good pseudo-masks are, where somebody has drawn the true ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bdstr.errors import SourceError
from sodeval.commands.formats import format_option

from .progress import progress

if TYPE_CHECKING:
    from sodeval import Evaluator, Report

    from ..auditing import Mask

FORMATS = ("table", "json", "markdown")


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path, file_okay=False))
@click.option("--gt", type=click.Path(path_type=Path, file_okay=False), required=True, help="Drawn masks.")
@format_option(*FORMATS)
def audit(dataset: Path, gt: Path, format_: str) -> None:
    """Score a dataset's masks against drawn ones of the same names, by sodeval.

    Photographs that were rejected have no mask to score: they are counted, not scored. So are drawn masks of
    other photographs; rows that nobody drew a mask for are passed over, and counted on standard error.

    \b
    Example:
      bdstr audit bds-tr --gt ECSSD/gt
    """
    from sodeval import Evaluator, Report, __version__

    from ..auditing import read_drawn

    drawn = read_drawn(gt)
    evaluator = Evaluator(families=["IoU"])
    others = _scored(evaluator, dataset, drawn)
    if not len(evaluator):
        _refuse_strangers(dataset, gt, list(drawn), others)
    if others:
        click.echo(f"{gt}: no mask for {len(others):,} rows of {dataset}, e.g. {others[0]}", err=True)
    result = evaluator.result(dataset.name, gt.name, expected=len(drawn))
    click.echo(_rendered(Report(evaluator.protocol, (result,), __version__), format_).rstrip("\n"))


def _scored(evaluator: Evaluator, dataset: Path, drawn: Mapping[str, Callable[[], Mask]]) -> list[str]:
    """Scores each row with a drawn mask; the keys of those without."""
    from ..auditing import masks_of

    others = []
    with progress(dataset.name) as on_progress:
        for key, mask in masks_of(dataset):
            if key in drawn:
                evaluator.update(mask, drawn[key](), key)
                on_progress(len(evaluator), len(drawn))
            else:
                others.append(key)
    return others


def _rendered(report: Report, format_: str) -> str:
    from sodeval.outputs.report_json import to_json_text
    from sodeval.outputs.tables import to_text

    texts: dict[str, Callable[[], str]] = {
        "table": lambda: to_text(report),
        "json": lambda: to_json_text(report),
        "markdown": report.to_markdown,
    }
    return texts[format_]()


def _refuse_strangers(dataset: Path, gt: Path, drawn: Sequence[str], keys: Sequence[str]) -> None:
    rows = f"rows called like {keys[0]}" if keys else "no rows with a mask"
    raise SourceError(
        f"{gt}: holds masks called like {drawn[0]}, and {dataset} {rows}; expected the same names: check the "
        "paths"
    )
