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
    from ..run.plan import Plan

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


def begin_again(plan: Plan, source: Source, reason: str | None, part: tuple[int, int] = (1, 1)) -> None:
    """What is done before a run that may have been called before: what it is to try again, and a hint.

    Args:
        plan: of the run.
        source: the photographs.
        reason: what was rejected for it is made again; none where nothing is.
        part: see `Plan.shards_of`.
    """
    from ..run.newer import find_newer, newer_in_words
    from ..run.retrying import forget_rejects

    if reason is not None:
        again = counted(forget_rejects(plan, reason, part), "photograph")
        click.echo(f"{plan.out}: {again} rejected for {reason!r} once more", err=True)
    if newer := newer_in_words(find_newer(plan, plan.shards_of(part), source.items)):
        click.echo(printable(f"{plan.out}: {newer}"), err=True)


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
    if again := _worth_another_try(summary):
        say_line(f"  what is mended is tried again by the same call with --retry-rejects {again}")
    if summary.black:
        masks = f"{counted(summary.black, 'mask')} {'is' if summary.black == 1 else 'are'}"
        say_line(f"  {masks} all black, e.g. {printable(summary.black_key)}")
    if not summary.rows:
        say_line(f"{out}: no rows, so load_dataset has nothing to load; {out / 'rejects.parquet'} says why")


def _worth_another_try(summary: Summary) -> str:
    """A reason that `--retry-rejects` takes, best one for which a photograph could not be read."""
    known = [reason.partition(": ")[::2] for reason, _ in summary.reasons.most_common()]
    tried = [(stage, reason) for stage, reason in known if stage != "source"]  # that is before any shard
    tried.sort(key=lambda one: one[0] != "read")
    return printable(tried[0][1]) if tried else ""
