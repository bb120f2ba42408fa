"""What `pack` and `generate` share: what they refuse, and what they say at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bdstr.errors import UsageError
from sodeval.paths import lies_in
from sodeval.printable import printable

from ..counted import counted
from ..source import Source

if TYPE_CHECKING:
    from ..run.local import Summary

MOST_REASONS = 12


def refuse_inside(out: Path, *inputs: Path | None) -> None:
    """Nothing is ever written among the photographs.

    Raises:
        UsageError: `out` lies in one of the folders.
    """
    for folder in inputs:
        if folder is not None and lies_in(out, folder):
            raise UsageError(f"--out {out} lies in the input folder {folder}: choose a folder beside it")


def say_notes(source: Source) -> None:
    """How photographs were read."""
    for note in source.notes:
        click.echo(printable(note), err=True)


def say_unused(source: Source) -> int:
    """Says what was left out unread, and how much it is; what is no image by its name is none."""
    say_notes(source)
    images = [one for one in source.unusable if one.reason != "not-an-image"]
    for one in images:
        click.echo(printable(f"{one.key}: {one.detail}, left out"), err=True)
    return len(images)


def part_of(text: str | None) -> tuple[int, int]:
    """``3/16`` as two numbers.

    Raises:
        UsageError: it is no such part.

    Example:
        >>> part_of("3/16")
        (3, 16)
    """
    if text is None:
        return 1, 1
    number, slash, of = text.partition("/")
    if slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
        return int(number), int(of)
    raise UsageError(f"--shard {text}; expected PART/OF, e.g. 3/16 for the third of sixteen runs")


def say(summary: Summary, out: Path, say_line: Callable[[str], None] = click.echo) -> None:
    """What a run has made."""
    if not summary.finished:
        shards, rows = counted(summary.shards, "shard"), counted(summary.rows, "row")
        say_line(f"{out}: {summary.done:,} of {shards} done, {rows} so far")
        return
    rows, files = counted(summary.rows, "row"), counted(summary.shards, "file")
    say_line(f"{out}: {rows} in {files}, {counted(summary.rejects, 'reject')}")
    more = len(summary.reasons) - MOST_REASONS
    shown = MOST_REASONS if more > 1 else None  # one more takes no more room than the line that counts it
    for reason, count in summary.reasons.most_common(shown):
        say_line(f"  {count:>7,} {printable(reason)}")
    if shown:
        say_line(f"  and {counted(more, 'more reason')}: {out / 'rejects.parquet'}")
    if summary.black:
        masks = f"{counted(summary.black, 'mask')} {'is' if summary.black == 1 else 'are'}"
        say_line(f"  {masks} all black, e.g. {printable(summary.black_key)}")
    if not summary.rows:
        say_line(f"{out}: no rows, so load_dataset has nothing to load; {out / 'rejects.parquet'} says why")
