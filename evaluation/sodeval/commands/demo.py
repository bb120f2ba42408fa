"""``sodeval demo``: the whole way on photographs that are at hand."""

from __future__ import annotations

from pathlib import Path

import click

from ..inputs.pairing import pair

BENCHMARK = "sodeval-demo"


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-report"),
    show_default=True,
    help="Folder for photographs, masks, maps and report.",
)
def demo(out: Path) -> None:
    """Score two classical saliency methods on a few photographs (extra `demo`).

    Writes photographs, masks and maps, and a report with table, plots and gallery.

    \b
    Example:
      sodeval demo --out demo-report
    """
    from ..cache import FILE_NAME
    from ..demo.files import write_demo
    from ..evaluation import Options, evaluate_pairings
    from ..outputs import tables
    from ..outputs.report_files import write_report

    folders = write_demo(out / "data", _say)
    pairing = pair(folders.gt, folders.maps, BENCHMARK)
    report_dir = out / "report"
    report = evaluate_pairings([pairing], Options(cache=report_dir / FILE_NAME))
    written = write_report(report, report_dir, {BENCHMARK: pairing}, folders.photos)
    maps = " ".join(f"--pred {name}={folder}" for name, folder in folders.maps.items())
    click.echo(tables.to_text(report).rstrip("\n"))
    by_hand = f"sodeval run --gt {folders.gt} {maps} --benchmark {BENCHMARK} --images {folders.photos}"
    click.echo(f"\nThe same by hand:\n  {by_hand} --out {report_dir}")
    click.echo("\nWritten:")
    for path in written:
        click.echo(f"  {path}")
    click.echo(f"\nLook at {report_dir / 'gallery.html'} in a browser.")


def _say(key: str, done: int, total: int) -> None:
    click.echo(f"photograph {done + 1} of {total}: {key}", err=True)
