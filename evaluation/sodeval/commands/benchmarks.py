"""``sodeval benchmarks``: what is known of them."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from ..benchmarks import all_benchmarks
from .formats import format_option


@click.command()
@format_option("text", "json")
def benchmarks(format_: str) -> None:
    """List the benchmarks that sodeval knows.

    \b
    Example:
      sodeval benchmarks --json
    """
    known = all_benchmarks()
    if format_ == "json":
        click.echo(json.dumps([asdict(benchmark) for benchmark in known], indent=2))
        return
    for benchmark in known:
        click.echo(f"{benchmark.name}: {benchmark.images:,} images")
        click.echo(f"  {benchmark.citation}")
        if benchmark.aliases:
            click.echo(f"  also called {', '.join(benchmark.aliases)}")
        click.echo(f"  masks in {', '.join(benchmark.mask_folders)}")
        click.echo(f"  fingerprint {benchmark.fingerprint or 'not known'}")
        for remark in benchmark.notes:
            click.echo(f"  {remark}")
