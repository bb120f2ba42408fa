"""The board as commands read it: what is wrong in its folder is told."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sodeval.printable import printable

if TYPE_CHECKING:
    from ..board import Board

board_option = click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of published.csv and entries/; that which comes with bdstr where none is named.",
)


def read_and_tell(folder: Path | None) -> Board:
    """Reads a board, and tells on standard error what it leaves out.

    Raises:
        BoardError: the folder holds no board.
    """
    from ..board import read_board

    board = read_board(folder)
    gc.freeze()  # all of it stays: to look through it for what may go would take a tenth of a table's time
    for each in board.left_out:
        click.echo(printable(f"left out: {each.place}: {each.reason}"), err=True)
    return board
