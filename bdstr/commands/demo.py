"""``bdstr demo``: the whole way, on photographs that are at hand."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from sodeval.outputs.atomic import write_atomically

from ..journey.page import PAGE, journey_page
from ..journey.steps import Places, Step, steps
from ..journey.travel import Taken, take, typed

NETWORKS = ("torch", "transformers", "accelerate", "safetensors")
"""What steps with a network import."""


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Folder for everything that is made.",
)
def demo(out: Path) -> None:
    """Go the whole way on seven photographs: dataset, training, maps, scores, leaderboard, Hub.

    Each step is one command, shown as you would type it. No download, no GPU, a few minutes; nothing is
    uploaded. Needs the extras `demo` and `train`; without `train`, what needs a network is left out. Called
    again, it goes on where it stopped.

    \b
    Example:
      bdstr demo --out demo
    """
    missing = [package for package in NETWORKS if find_spec(package) is None]
    left_out = (
        f"Left out: training, its maps and its upload, for {', '.join(missing)} cannot be imported here; "
        "pip install '.[demo,train]' in a clone adds them."
        if missing
        else ""
    )
    way = steps(out, networks=not missing)
    taken = [_shown(number, step, len(way)) for number, step in enumerate(way, 1)]
    if left_out:
        click.echo(f"\n{left_out}")
    write_atomically(out / PAGE, journey_page(Places(out), taken, left_out).encode())
    click.echo(f"\nAll of it on one page: {out / PAGE}")


def _shown(number: int, step: Step, count: int) -> Taken:
    click.echo(f"\n--- {number} of {count}: {step.title}\n{step.why}\n\n$ {typed(step.command)}")
    taken = take(step)
    if taken.said:
        click.echo(taken.said)
    for path in step.made:
        click.echo(f"-> {path}")
    return taken
