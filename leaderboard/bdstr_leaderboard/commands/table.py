"""``bdstr leaderboard table``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bdstr.errors import UsageError
from sodeval.benchmarks import benchmark_names
from sodeval.commands.completion import known
from sodeval.commands.formats import format_option
from sodeval.measures import STANDARD
from sodeval.outputs.atomic import write_atomically

from ..conventions import PUBLISHED, SODEVAL, SUPERVISIONS, USUAL, measure_of
from .reading import board_option, read_and_tell

if TYPE_CHECKING:
    from ..board import Board
    from ..tables.choice import Choice
    from ..tables.layout import Table


@click.command()
@click.option(
    "--benchmark",
    "benchmarks",
    multiple=True,
    metavar="NAME",
    shell_complete=known(benchmark_names),
    help="One of these; may be repeated.",
)
@click.option(
    "--metric",
    "measures",
    multiple=True,
    metavar="NAME",
    shell_complete=known(lambda: STANDARD),
    help="E.g. MAE, maxF, S; may be repeated.",
)
@click.option(
    "--supervision",
    "supervisions",
    multiple=True,
    type=click.Choice(tuple(SUPERVISIONS)),
    help="What methods learned from; may be repeated.",
)
@click.option(
    "--convention",
    type=click.Choice(tuple(PUBLISHED)),
    help=f"Of published figures; {USUAL} where none is named.",
)
@click.option("--measured", is_flag=True, help="Show what sodeval measured, not what was published.")
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N", help="The best N of each block, by the first column."
)
@format_option("text", "latex", "markdown", "csv", "html", "json")
@click.option(
    "--bib",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With latex: cite the sources, and write them there.",
)
@board_option
def table(
    benchmarks: tuple[str, ...],
    measures: tuple[str, ...],
    supervisions: tuple[str, ...],
    convention: str | None,
    measured: bool,
    top: int | None,
    format_: str,
    bib: Path | None,
    data: Path | None,
) -> None:
    """Print a table: a block a supervision, the best three of each column marked, arrows for what is better.

    Shown and ranked are the figures of one convention: the usual one of papers, another of theirs
    (--convention), or what sodeval measured (--measured). A figure that may be misprinted has a dagger and no
    rank; one that sources print differently has a double dagger, one from a page that collects figures
    a section sign. = is a measured figure that cannot be told from a neighbour. Ranks count the methods
    of --supervision alone, those that --top leaves out included. csv and json have the source of each figure.

    \b
    Examples:
      bdstr leaderboard table --benchmark ECSSD --metric MAE --top 10
      bdstr leaderboard table --benchmark DUTS-TE --benchmark ECSSD --metric MAE --metric S \\
        --supervision full --top 10 --format latex --bib sources.bib > table.tex
      bdstr leaderboard table --measured
    """
    from ..tables.bibliography import to_bibtex
    from ..tables.choice import Choice, named_benchmark
    from ..tables.layout import lay_out

    if measured and convention:
        raise UsageError(
            "--measured and --convention exclude each other: figures of two are never ranked together"
        )
    if bib and format_ != "latex":
        raise UsageError(f"--bib goes with --format latex, not with {format_}")
    choice = Choice(
        benchmarks=tuple(dict.fromkeys(map(named_benchmark, benchmarks))),
        measures=tuple(dict.fromkeys(measure_of(name).name for name in measures)),
        supervisions=supervisions,
        convention=SODEVAL if measured else convention or USUAL,
        top=top,
    )
    board = read_and_tell(data)
    if bib:
        write_atomically(bib, to_bibtex(lay_out(board, choice)))
    click.echo(_render(board, choice, format_, bib is not None), nl=False)


MOST_ROWS, MOST_COLUMNS = 60, 12
"""Of figures, on a page of a paper in a size that can be read."""


def _tell_size(table: Table) -> None:
    from ..tables.latex import latex_parts

    rows, columns = len(table.rows), max(len(part.columns) for part in latex_parts(table))
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        click.echo(
            f"{rows} rows, {columns} columns of figures: a page takes some {MOST_ROWS} and {MOST_COLUMNS}; "
            "choose with --top, --supervision, --benchmark or --metric",
            err=True,
        )


def _render(board: Board, choice: Choice, format_: str, cite: bool) -> str:
    from ..tables.latex import to_latex
    from ..tables.layout import lay_out, lay_out_each
    from ..tables.text import to_text

    if format_ == "text":
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        return to_text(lay_out_each(board, choice), width)
    if format_ == "latex":
        whole = lay_out(board, choice)
        _tell_size(whole)
        return to_latex(whole, cite)
    return _renderers()[format_](lay_out(board, choice))


def _renderers() -> dict[str, Callable[[Table], str]]:
    from ..tables.csv_table import to_csv, to_json
    from ..tables.html_table import to_html
    from ..tables.markdown import to_markdown

    return {"markdown": to_markdown, "csv": to_csv, "html": to_html, "json": to_json}
