"""``bdstr leaderboard build``: the board as a static site."""

from __future__ import annotations

from pathlib import Path

import click

from sodeval.outputs.atomic import refuse_unwritable

from .reading import board_option, read_and_tell


@click.command()
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder of the site; replaced if it is one."
)
@board_option
def build(out: Path, data: Path | None) -> None:
    """Write the leaderboard as a static site: open index.html, or push the folder to any web server.

    What the data hold and the board does not show is listed, and stands on the page "On record".

    \b
    Example:
      bdstr leaderboard build --out site
    """
    from ..site.build import build_site
    from ..site.folder import refuse_foreign, write_site

    refuse_foreign(out)
    refuse_unwritable(out)
    board = read_and_tell(data)
    files = build_site(board)
    write_site(files, out)
    size = f"{len(files):,} files, {sum(map(len, files.values())) / 1e6:.1f} MB"
    click.echo(f"{out / 'index.html'}: {len(board.figures):,} figures, {size}")
