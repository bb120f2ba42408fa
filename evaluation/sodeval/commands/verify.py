"""``sodeval verify``: a second opinion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from ..errors import EXIT_OK, EXIT_REFUSED
from .formats import format_option
from .inputs import choose_protocol, find_inputs, input_options, max_pixels_option, protocol_option
from .listing import say_input_problems
from .progress import progress

if TYPE_CHECKING:
    from ..analysis.verification import Difference

SAMPLE = 50


@click.command()
@input_options
@protocol_option
@click.option(
    "--sample", type=click.IntRange(1), default=SAMPLE, show_default=True, help="Pairs a benchmark."
)
@click.option("--seed", type=int, default=0, show_default=True)
@max_pixels_option
@format_option("text", "json")
def verify(protocol_name: str, sample: int, seed: int, max_pixels: int, format_: str, **where: Any) -> int:
    """Score a random sample again with PySODMetrics (extra `verify`) and print the largest difference.

    Exit code 3 where one is over 1e-12, or where maps are missing.

    \b
    Example:
      sodeval verify --gt ECSSD/gt --pred Mine=out/ECSSD --sample 100
    """
    from ..analysis.verification import TOLERANCE, verify_pairing

    inputs = find_inputs(**where)
    protocol = choose_protocol(protocol_name, ())
    agreed = not say_input_problems(inputs)
    found = []
    for pairing in inputs.pairings:
        with progress() as bar:
            tell = partial(bar, pairing.benchmark)
            count, differences = verify_pairing(pairing, protocol, sample, seed, max_pixels, tell)
        agreed &= all(difference.largest <= TOLERANCE for difference in differences)
        found.append(_as_json(pairing.benchmark, count, differences))
        if format_ == "text":
            _say(pairing.benchmark, count, differences)
    if format_ == "json":
        click.echo(json.dumps({"agreed": agreed, "tolerance": TOLERANCE, "benchmarks": found}, indent=2))
    return EXIT_OK if agreed else EXIT_REFUSED


def _say(benchmark: str, count: int, differences: Sequence[Difference]) -> None:
    click.echo(f"{benchmark}: {count:,} pairs; largest difference from PySODMetrics")
    for difference in differences:
        click.echo(line(difference))


def _as_json(benchmark: str, count: int, differences: Sequence[Difference]) -> dict[str, Any]:
    measured = {one.measure: {"largest": _number(one.largest), "file": str(one.file)} for one in differences}
    return {"benchmark": benchmark, "pairs": count, "measures": measured}


def _number(value: float) -> float | None:
    """JSON has no infinity: null is a value where the other has none."""
    return value if isfinite(value) else None


def line(difference: Difference) -> str:
    """One measure; names the file only where there is something to look at."""
    from ..analysis.verification import TOLERANCE

    if difference.largest == 0:
        return f"  {difference.measure:9}  none: equal in every bit"
    where = f"  {difference.file}" if difference.largest > TOLERANCE else ""
    return f"  {difference.measure:9}  {difference.largest:.1e}{where}"
