"""``bdstr push leaderboard``: pages, figures and benchmarks, to the Hub."""

from __future__ import annotations

from pathlib import Path

import click

from bdstr.commands.push import only_bars_that_are_seen, say, total

from .reading import board_option, read_and_tell


@click.command()
@click.argument("repo", metavar="ORG/NAME")
@board_option
@click.option("--results", metavar="ORG/NAME", help="The dataset of figures, if not ORG/NAME-results.")
@click.option(
    "--benchmarks", metavar="ORG/NAME", help="The dataset of benchmarks, if not ORG/NAME-benchmarks."
)
@click.option("--private", is_flag=True, help="Where repositories are made now: only for their owners.")
@click.option("--replace", is_flag=True, help="Remove files there that this leaderboard does not have.")
@click.option("--dry-run", is_flag=True, help="Say what would be uploaded; touch no network.")
def leaderboard(
    repo: str,
    data: Path | None,
    results: str | None,
    benchmarks: str | None,
    private: bool,
    replace: bool,
    dry_run: bool,
) -> None:
    """Upload the leaderboard: its pages as a static Space, its figures and its benchmarks as datasets.

    The dataset of benchmarks gets an eval.yaml, with a task a benchmark and measure; where it is there
    already and holds more, nothing else of it is touched. The token is taken from HF_TOKEN, or from `hf auth
    login`. Called again after a break, it goes on where it stopped.

    \b
    Examples:
      bdstr push leaderboard ORG/sod-leaderboard --dry-run
      bdstr push leaderboard ORG/sod-leaderboard --data board --benchmarks ORG/sod
    """
    from ..hub.upload import names_of, plan_board_upload, push_repo
    from ..site.build import build_site

    names = names_of(repo, results, benchmarks)
    board = read_and_tell(data)
    uploads = plan_board_upload(board, build_site(board), names)
    if dry_run:
        for upload in uploads:
            say(upload)
        return
    only_bars_that_are_seen()
    for upload in uploads:
        click.echo(f"{upload.repo}: uploading {total(upload)}", err=True)
        click.echo(push_repo(upload, private=private, replace=replace))
