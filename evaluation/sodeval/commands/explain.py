"""``sodeval explain``: why a number differs from the paper's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ..defaults import DEFAULT_SAMPLE
from ..errors import EXIT_OK, EXIT_REFUSED, UsageError
from ..measures import STANDARD, get_measure
from .completion import known
from .formats import format_option
from .inputs import choose_protocol, find_inputs, input_options, max_pixels_option, protocol_option
from .listing import say_input_problems, say_problems_of
from .progress import progress

if TYPE_CHECKING:
    from ..analysis.explanation import Explanation

Targets = dict[str, float]


@click.command()
@input_options
@protocol_option
@click.option(
    "--set", "choices", multiple=True, metavar="CHOICE=VALUE", help="Change one choice of it first."
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="MEASURE=VALUE",
    shell_complete=known(lambda: [f"{name}=" for name in STANDARD]),
    help="A number to explain, e.g. maxF=0.806; conventions that come closest are listed first.",
)
@click.option("--sample", type=click.IntRange(1), default=DEFAULT_SAMPLE, show_default=True, help="Images.")
@click.option("--all", "every", is_flag=True, help="All images: what a published number is made of.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, metavar="N")
@max_pixels_option
@format_option("table", "markdown", "csv", "json")
def explain(
    protocol_name: str,
    choices: tuple[str, ...],
    targets: tuple[str, ...],
    sample: int,
    every: bool,
    seed: int,
    workers: int,
    max_pixels: int,
    format_: str,
    **where: Any,
) -> int:
    """Show how the scores change with each convention.

    Scores the same maps under every preset and with every single choice of the protocol changed: why does my
    number differ from the paper's? Exit code 3 where maps are missing or cannot be used.

    \b
    Example:
      sodeval explain --gt SOD/gt --pred Amulet=maps --all --target maxF=0.806
    """
    from ..analysis.explanation import explain as explain_method

    protocol = choose_protocol(protocol_name, choices)
    wanted = dict(_target(text) for text in targets)
    explanations = []
    inputs = find_inputs(**where)
    incomplete = say_input_problems(inputs)
    for pairing in inputs.pairings:
        for method in pairing.maps:
            with progress() as on_progress:
                explanation = explain_method(
                    pairing,
                    method,
                    protocol,
                    sample=None if every else sample,
                    seed=seed,
                    workers=workers,
                    max_pixels=max_pixels,
                    on_progress=on_progress,
                )
            incomplete |= say_problems_of(method, pairing.benchmark, explanation.problems)
            explanations.append(explanation)
    click.echo(_render(explanations, wanted or None, format_).rstrip("\n"))
    return EXIT_REFUSED if incomplete else EXIT_OK


def _render(explanations: Sequence[Explanation], targets: Targets | None, format_: str) -> str:
    from ..analysis import explanation_text

    if format_ == "csv":
        header, *rows = explanation_text.to_csv(explanations[0], targets).splitlines(keepends=True)
        for explanation in explanations[1:]:
            rows += explanation_text.to_csv(explanation, targets).splitlines(keepends=True)[1:]
        return header + "".join(rows)
    if format_ == "json":
        documents = [explanation_text.to_json(explanation, targets) for explanation in explanations]
        return json.dumps({"explanations": documents}, indent=2)
    render = {"table": explanation_text.to_text, "markdown": explanation_text.to_markdown}[format_]
    return "\n".join(render(explanation, targets) for explanation in explanations)


def _target(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    measure = get_measure(name).name
    if measure not in STANDARD:
        raise UsageError(f"--target {text}: explain knows {', '.join(STANDARD)}")
    try:
        number = float(value)
    except ValueError:
        raise UsageError(f"--target {text}: expected MEASURE=VALUE, e.g. maxF=0.806") from None
    if not 0 <= number <= 1:
        raise UsageError(f"--target {text}: expected a score in 0..1")
    return measure, number
