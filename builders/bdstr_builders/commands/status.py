"""``bdstr status``: how far a dataset is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..pinning import commits_in
from ..run.plan import read_plan
from .running import say

if TYPE_CHECKING:
    from ..run.local import Summary


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def status(out: Path, as_json: bool) -> None:
    """Tell how far a dataset is, why photographs were rejected, and of which commits its models are.

    \b
    Example:
      bdstr status bds-tr
    """
    from ..run.damage import damaged_files
    from ..run.local import count_reasons, summarise

    plan = read_plan(out)
    summary, damaged, commits = summarise(plan), damaged_files(plan), commits_in(plan.work)
    if summary.finished and (out / "rejects.parquet").exists():
        summary.reasons = count_reasons(plan)
        summary.rejects = sum(summary.reasons.values())
    summary.done -= len(damaged)
    if as_json:
        click.echo(json.dumps(_as_json(summary, damaged) | {"commits": commits}, indent=2, sort_keys=True))
        return
    for file in damaged:
        click.echo(f"{file} is damaged or gone: run it again")
    say(summary, out)
    for parameter, commit in commits.items():
        click.echo(f"  {parameter} = {commit}")


_COUNTS = ("shards", "done", "rows", "rejects", "black", "finished")


def _as_json(summary: Summary, damaged: Sequence[Path]) -> dict[str, object]:
    counts = {name: getattr(summary, name) for name in _COUNTS}
    return counts | {"reasons": dict(summary.reasons), "damaged": list(map(str, damaged))}
