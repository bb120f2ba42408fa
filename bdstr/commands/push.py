"""``bdstr push``: what is finished, to the Hub."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol, runtime_checkable

import click

from sodeval.shell import LazyGroup

from ..errors import UsageError
from ..hub import plan_upload
from ..hub import push as push_upload

UNITS = ("B", "kB", "MB", "GB", "TB")


COMMANDS = {
    "dataset": ("bdstr.commands.push:dataset", "Upload a finished dataset."),
    "model": ("bdstr.commands.push:model", "Upload a trained network."),
    "leaderboard": (
        "bdstr_leaderboard.commands.push:leaderboard",
        "Upload the leaderboard: its pages, its figures, its benchmarks.",
    ),
}
"""Command -> where it is, and what help says of it."""


@runtime_checkable
class Uploaded(Protocol):
    """What is said of something that goes to a repository."""

    @property
    def repo(self) -> str: ...
    @property
    def paths(self) -> tuple[str, ...]: ...
    @property
    def sizes(self) -> tuple[int, ...]: ...


@click.group(cls=LazyGroup, sections={"Commands": COMMANDS})
def push() -> None:
    """Upload to the Hugging Face Hub.

    \b
    Examples:
      bdstr push dataset bds-tr ORG/bds-tr --dry-run
      bdstr push model run ORG/dedecoder-tiny
    """


@click.command()
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
        say(upload, f", {upload.rows:,} rows")
        return
    only_bars_that_are_seen()
    click.echo(f"{repo}: uploading {total(upload)}", err=True)
    address = push_upload(upload, private=private, replace=replace)
    click.echo(f"{address}: {upload.rows:,} rows; load_dataset({repo!r}) loads them")


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path, file_okay=False))
@click.argument("repo", metavar="ORG/NAME")
@click.option("--private", is_flag=True, help="Where the repository is made now: only for its owners.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Of `sodeval run`: scores for the card; once more for another.",
)
@click.option("--method", help="Whose scores, where a report has several.")
@click.option("--licence", help="Of the weights, e.g. mit.")
@click.option("--benchmarks", metavar="ORG/NAME", help="The benchmark dataset whose board shows the scores.")
@click.option("--dry-run", is_flag=True, help="Say what would be uploaded; touch no network.")
def model(
    folder: Path,
    repo: str,
    private: bool,
    reports: tuple[Path, ...],
    method: str | None,
    licence: str | None,
    benchmarks: str | None,
    dry_run: bool,
) -> None:
    """Upload a trained network: weights, processor, code for trust_remote_code, card, curve and scores.

    RUN is what `bdstr train --out` names, finished. The token is taken from HF_TOKEN, or from `hf auth
    login`. Called again after a break, it goes on where it stopped.

    \b
    Examples:
      bdstr push model run ORG/dedecoder-tiny --dry-run
      bdstr push model run ORG/dedecoder-tiny --report ecssd-report --licence mit
    """
    from ..extras import need_models
    from ..hub_model import plan_model_upload, push_model
    from ..scored import read_scored

    if benchmarks and not reports:
        raise UsageError("--benchmarks without --report; expected the scores for its board: name a report")
    need_models("train")
    only_bars_that_are_seen()
    _no_bars_of_loading()
    report = read_scored(reports, method)
    upload = plan_model_upload(folder, repo, report, licence=licence, benchmarks=benchmarks)
    if dry_run:
        say(upload)
        return
    click.echo(f"{repo}: uploading {total(upload)}", err=True)
    click.echo(push_model(upload, private=private))


def only_bars_that_are_seen() -> None:
    """No progress of the Hub's client where nobody looks."""
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    if not sys.stderr.isatty():
        disable_progress_bars()


def _no_bars_of_loading() -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def say(upload: Uploaded, more: str = "") -> None:
    """What would be uploaded."""
    width = max(map(len, upload.paths))
    for path, size in zip(upload.paths, upload.sizes, strict=True):
        click.echo(f"{path:<{width}}  {in_units(size):>8}")
    click.echo(f"{upload.repo}: {total(upload)}{more}; nothing was uploaded")


def total(upload: Uploaded) -> str:
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
