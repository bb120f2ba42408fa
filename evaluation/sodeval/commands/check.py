"""``sodeval check``: what is wrong with the files."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from ..errors import EXIT_OK, EXIT_REFUSED
from ..printable import printable
from .formats import format_option
from .inputs import choose_protocol, choose_workers, find_inputs, input_options, scoring_options
from .listing import say_problems
from .progress import progress

if TYPE_CHECKING:
    from ..report import Report, Result


@click.command()
@input_options
@scoring_options
@format_option("text", "json")
def check(
    protocol_name: str,
    choices: tuple[str, ...],
    workers: int | None,
    max_pixels: int,
    format_: str,
    **where: Any,
) -> int:
    """List everything that is wrong with the files, without scores.

    Reads every file as `run` would. Exit code 3 where a method would get no score.

    \b
    Example:
      sodeval check --gt ECSSD/gt --pred Mine=out/ECSSD
    """
    from ..evaluation import Options, evaluate_pairings

    inputs = find_inputs(**where)
    options = Options(
        protocol=choose_protocol(protocol_name, choices),
        workers=choose_workers(workers, inputs.pairs),
        max_pixels=max_pixels,
        allow_missing=True,
    )
    with progress() as on_progress:
        report = evaluate_pairings(inputs.pairings, options, on_progress)
    if format_ == "json":
        found = [_as_json(result) for result in report.results]
        others = [problem.to_json() for problem in inputs.problems]
        click.echo(json.dumps({"checked": found, "problems": others}, indent=2))
    else:
        say_problems(report, inputs.problems, all_of_them=True)
        for result in report.results:
            click.echo(summary(result))
    others_wrong = any(problem.is_error for problem in inputs.problems)
    return EXIT_OK if _is_sound(report) and not others_wrong else EXIT_REFUSED


def _is_sound(report: Report) -> bool:
    return report.complete and not any(p.is_error for result in report.results for p in result.problems)


def _as_json(result: Result) -> dict[str, Any]:
    return {
        "method": result.method,
        "benchmark": result.benchmark,
        "usable": result.images,
        "expected": result.expected,
        "gt_fingerprint": result.gt_fingerprint,
        "gt_copy": result.gt_copy,
        "problems": [problem.to_json() for problem in result.problems],
    }


def summary(result: Result) -> str:
    """One line a method."""
    kinds = Counter(problem.kind for problem in result.problems if problem.is_error)
    wrong = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items()) or "nothing wrong"
    noted = Counter(problem.kind for problem in result.problems if not problem.is_error)
    wrong += "".join(f"; noted: {count:,} {kind}" for kind, count in noted.items())
    name = f"{printable(result.method)} on {printable(result.benchmark)}"
    copy = "the masks that we know" if result.gt_copy == "known" else "an unknown copy of the masks"
    return f"{name}: {result.images:,} of {result.expected:,} maps usable; {wrong}; {copy}"
