"""``sodeval verify``: a second opinion."""

from __future__ import annotations

from typing import Any

import click

from ..analysis.verification import TOLERANCE, Difference, verify_pairing
from ..errors import EXIT_OK, EXIT_REFUSED
from .inputs import choose_protocol, find_inputs, input_options, max_pixels_option
from .listing import say_input_problems

SAMPLE = 50


@click.command()
@input_options
@click.option("--protocol", "protocol_name", default="pysodmetrics", metavar="P", show_default=True)
@click.option(
    "--sample", type=click.IntRange(1), default=SAMPLE, show_default=True, help="Pairs a benchmark."
)
@click.option("--seed", type=int, default=0, show_default=True)
@max_pixels_option
def verify(protocol_name: str, sample: int, seed: int, max_pixels: int, **where: Any) -> int:
    """Score a random sample again with PySODMetrics (extra `verify`) and print the largest difference.

    Exit code 3 where one is over 1e-12, or where maps are missing.

    \b
    Example:
      sodeval verify --gt ECSSD/gt --pred Mine=out/ECSSD --sample 100
    """
    inputs = find_inputs(**where)
    protocol = choose_protocol(protocol_name, ())
    agreed = not say_input_problems(inputs)
    for pairing in inputs.pairings:
        count, differences = verify_pairing(pairing, protocol, sample, seed, max_pixels)
        click.echo(f"{pairing.benchmark}: {count:,} pairs; largest difference from PySODMetrics")
        for difference in differences:
            click.echo(line(difference))
            agreed &= difference.largest <= TOLERANCE
    return EXIT_OK if agreed else EXIT_REFUSED


def line(difference: Difference) -> str:
    """One measure; names the file only where there is something to look at."""
    if difference.largest == 0:
        return f"  {difference.measure:9}  none: equal in every bit"
    where = f"  {difference.file}" if difference.largest > TOLERANCE else ""
    return f"  {difference.measure:9}  {difference.largest:.1e}{where}"
