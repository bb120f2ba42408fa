"""``bdstr leaderboard pull``: what models on the Hub report, to the board."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bdstr.errors import BoardError
from sodeval.outputs.atomic import write_atomically
from sodeval.printable import printable

from ..conventions import SUPERVISIONS, UNSTATED

if TYPE_CHECKING:
    from ..hub.reported import Reported

MOST_TOLD = 20


@click.command()
@click.argument("repos", metavar="ORG/MODEL...", nargs=-1, required=True)
@click.option(
    "--supervision",
    required=True,
    type=click.Choice(tuple(SUPERVISIONS)),
    help="What the models learned from: their repositories do not say.",
)
@click.option("--backbone", default="", help="What computes their features, e.g. ResNet-50.")
@click.option("--train-set", default="", help="What they were trained on, e.g. DUTS-TR.")
@click.option(
    "--out",
    default=Path("leaderboard/bdstr_leaderboard/data"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the board.",
)
def pull(repos: tuple[str, ...], supervision: str, backbone: str, train_set: str, out: Path) -> None:
    """Read what models on the Hub report of themselves, into reported.csv of the board.

    Read are .eval_results/*.yaml and, where they give no figure, the model-index of the card. The figures
    count as the authors' own, never as measured: `bdstr leaderboard submit` takes those with proof. They are
    ranked with sodeval's where protocol and masks are told, else only with others of the same model. Lines
    of models that are not named here stay as they are.

    \b
    Example:
      bdstr leaderboard pull ORG/dedecoder-tiny --supervision full --train-set DUTS-TR --out board
    """
    from ..board import REPORTED
    from ..figure import Method
    from ..hub.download import download
    from ..hub.reported import merged, reported_of

    like = Method(name="", supervision=supervision, backbone=backbone, train_set=train_set)
    models = [reported_of(download(repo), replace(like, name=repo)) for repo in dict.fromkeys(repos)]
    for model in models:
        _tell(model)
    if not any(model.claims for model in models):
        raise BoardError(f"{', '.join(repos)}: no figure that the board can take; nothing was written")
    write_atomically(out / REPORTED, merged(out / REPORTED, models))
    click.echo(f"{out / REPORTED}: {sum(len(model.claims) for model in models):,} figures")


def _tell(model: Reported) -> None:
    unstated = sum(claim.convention == UNSTATED for claim in model.claims)
    apart = f", {unstated:,} of them without protocol or masks" if unstated else ""
    click.echo(f"{model.method.name}: {len(model.claims):,} figures{apart}", err=True)
    for left_out in model.left_out[:MOST_TOLD]:
        click.echo(f"  left out: {printable(left_out.place)}: {left_out.reason}", err=True)
    if len(model.left_out) > MOST_TOLD:
        click.echo(f"  left out: {len(model.left_out) - MOST_TOLD:,} more", err=True)
