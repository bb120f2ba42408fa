"""A board of every kind of figure, and its tables in every format."""

from __future__ import annotations

from boards import HOSTILE, board_of, figure_of
from hypothesis import strategies as st

from bdstr_leaderboard.board import Board
from bdstr_leaderboard.figure import Method
from bdstr_leaderboard.tables.choice import Choice
from bdstr_leaderboard.tables.csv_table import to_csv
from bdstr_leaderboard.tables.html_table import to_html
from bdstr_leaderboard.tables.latex import to_latex
from bdstr_leaderboard.tables.layout import Table
from bdstr_leaderboard.tables.markdown import to_markdown
from bdstr_leaderboard.tables.text import to_text
from bdstr_leaderboard.unknown import Unknown

FORMATS = {
    "text": lambda table: to_text([table]),
    "latex": to_latex,
    "markdown": to_markdown,
    "csv": to_csv,
    "html": to_html,
}
ECSSD_MAE = Choice(benchmarks=("ECSSD",), measures=("MAE",))
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(HOSTILE)


def mixed_board() -> Board:
    """Two blocks and two columns, a suspect figure, sources that disagree, a method without figures."""
    other = "https://example.org/other"
    figures = (
        *map(figure_of, ["Alpha", "Beta", "Gamma", "Delta"], [0.030, 0.021, 0.040, 0.035]),
        figure_of("Beta", 0.029, origin="others", url=other),
        figure_of("Odd", 0.9, suspect="ten times the others"),
        figure_of("Points", 0.036, supervision="point"),
        figure_of("Alpha", 0.95, measure="S"),
        figure_of("Beta", 0.951, measure="maxF", convention="lower-maxF"),
    )
    return board_of(
        *figures, unknown=(Unknown(Method(name="Nobody", supervision="point"), "never measured"),)
    )


def shown(table: Table) -> dict[str, list[str]]:
    return {block.supervision: [row.method.name for row in block.rows] for block in table.blocks}


def cell_of(table: Table, name: str, column: int = 0) -> tuple[str, int]:
    (row,) = (row for row in table.rows if row.method.name == name)
    return row.cells[column].text, row.cells[column].mark
