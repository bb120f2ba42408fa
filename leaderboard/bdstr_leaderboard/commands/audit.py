"""``bdstr leaderboard audit``."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import click

from sodeval.commands.formats import format_option

from .reading import board_option, read_and_tell


@click.command()
@click.option(
    "--min",
    "least",
    type=click.FloatRange(0, 1),
    default=0.01,
    show_default=True,
    help="How far sources must be apart.",
)
@format_option("text", "markdown", "csv", "json")
@board_option
def audit(least: float, format_: str, data: Path | None) -> None:
    """List where sources disagree about a method, the largest difference first, and what else looks odd.

    Sources are compared within one convention, beyond rounding. Listed are also figures that may be
    misprinted, that were removed or corrected, and what sodeval measured beside what was published of the
    same method.

    \b
    Examples:
      bdstr leaderboard audit
      bdstr leaderboard audit --min 0.001 --format csv > audit.csv
    """
    from ..audit import audit as look_at
    from ..audit_data import to_csv, to_json
    from ..audit_text import to_markdown, to_text

    found = look_at(read_and_tell(data), least)
    if format_ == "text":
        text = to_text(found, shutil.get_terminal_size().columns if sys.stdout.isatty() else None)
    elif format_ == "markdown":
        text = to_markdown(found)
    elif format_ == "csv":
        text = to_csv(found)
    else:
        text = json.dumps(to_json(found), indent=2, ensure_ascii=False) + "\n"
    click.echo(text, nl=False)
