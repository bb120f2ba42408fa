"""``sodeval benchmarks``: what is known of them."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from ..benchmarks import all_benchmarks


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def benchmarks(format_: str) -> None:
    """List the benchmarks that sodeval knows."""
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
