"""``bdstr leaderboard``: a group whose commands are imported when they are called."""

from __future__ import annotations

import click

from sodeval.shell import LazyGroup

COMMANDS = {
    "table": ("bdstr_leaderboard.commands.table:table", "Print a table, for a paper or a page."),
    "submit": ("bdstr_leaderboard.commands.submit:submit", "Make an entry of a report of sodeval."),
    "pull": ("bdstr_leaderboard.commands.pull:pull", "Read what models on the Hub report."),
    "audit": ("bdstr_leaderboard.commands.audit:audit", "List where sources disagree."),
    "build": ("bdstr_leaderboard.commands.build:build", "Write the pages."),
}
"""Command -> where it is, and what help says of it."""


@click.group("leaderboard", cls=LazyGroup, sections={"Commands": COMMANDS})
def leaderboard() -> None:
    """Published and measured figures of salient object detection, each with its source and convention.

    \b
    Examples:
      bdstr leaderboard table --benchmark ECSSD --metric MAE --top 10
      bdstr leaderboard submit ecssd-report --name MyNet --supervision full --by "A. Uthor"
      bdstr leaderboard build --out site
    """
