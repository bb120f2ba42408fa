"""``bdstr push``: what is finished, to the Hub."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..hub import Upload, plan_upload
from ..hub import push as push_upload

UNITS = ("B", "kB", "MB", "GB", "TB")


@click.group()
def push() -> None:
    """Upload to the Hugging Face Hub."""


@push.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.argument("repo", metavar="ORG/NAME")
@click.option("--private", is_flag=True, help="Where the repository is made now: only for its owners.")
@click.option("--replace", is_flag=True, help="Remove Parquet files there that this dataset does not have.")
@click.option("--dry-run", is_flag=True, help="Say what would be uploaded; touch no network.")
def dataset(folder: Path, repo: str, private: bool, replace: bool, dry_run: bool) -> None:
    """Upload a finished dataset: its Parquet files, its card and its rejects, as they are.

    The token is taken from HF_TOKEN, or from `hf auth login`. Called again after a break, it goes on where it
    stopped.

    \b
    Examples:
      bdstr push dataset bds-tr ORG/bds-tr --dry-run
      bdstr push dataset bds-tr ORG/bds-tr --private
    """
    upload = plan_upload(folder, repo)
    if dry_run:
        say(upload)
        return
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    if not sys.stderr.isatty():
        disable_progress_bars()
    click.echo(f"{repo}: uploading {total(upload)}", err=True)
    address = push_upload(upload, private=private, replace=replace)
    click.echo(f"{address}: {upload.rows:,} rows; load_dataset({repo!r}) loads them")


def say(upload: Upload) -> None:
    """What would be uploaded."""
    width = max(map(len, upload.paths))
    for path, size in zip(upload.paths, upload.sizes, strict=True):
        click.echo(f"{path:<{width}}  {in_units(size):>8}")
    click.echo(f"{upload.repo}: {total(upload)}, {upload.rows:,} rows; nothing was uploaded")


def total(upload: Upload) -> str:
    """How many files, and how large."""
    return f"{len(upload.paths):,} files, {in_units(sum(upload.sizes))}"


def in_units(size: int) -> str:
    """Bytes for people.

    Example:
        >>> in_units(999), in_units(1_500), in_units(31_000_000_000)
        ('999 B', '1.5 kB', '31.0 GB')
    """
    power = min((len(str(size)) - 1) // 3, len(UNITS) - 1)
    return f"{size / 1000**power:.1f} {UNITS[power]}" if power else f"{size} B"
