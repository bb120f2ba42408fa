"""Tables as text, Markdown, LaTeX, CSV, JSON and HTML: the same figures in each."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from boards import board_of, figure_of
from table_formats import ECSSD_MAE, FORMATS, mixed_board

from bdstr_leaderboard.board import Board
from bdstr_leaderboard.figure import Source
from bdstr_leaderboard.tables.choice import Choice
from bdstr_leaderboard.tables.csv_table import HEAD, NUMBERS, to_csv, to_json
from bdstr_leaderboard.tables.latex import to_latex
from bdstr_leaderboard.tables.layout import lay_out, lay_out_each
from bdstr_leaderboard.tables.text import to_text


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_suspects_spreads_and_why_a_row_is_empty(name: str) -> None:
    text = FORMATS[name](lay_out(mixed_board(), ECSSD_MAE))
    assert "ten times the others" in text
    assert "never measured" in text
    odd = next(line for line in text.splitlines() if "Odd" in line)
    beta = next(line for line in text.splitlines() if "Beta" in line)
    if name == "csv":
        assert ",0.021,0.029," in beta
        assert ",0.900,,false," in odd
    else:
        assert re.search(r"†|\\dagger", odd)
        assert re.search(r"‡|\\ddagger", beta)
        assert re.search(r"Beta, ECSSD MAE: \.021 to \.029", text)


@pytest.mark.parametrize("name", FORMATS)
def test_a_figure_that_no_paper_vouches_for_is_marked_where_it_stands(name: str) -> None:
    page = Source("Wizwand", "https://example.org/list")
    listed = figure_of("Listed", 0.01, origin="aggregator", source=page)
    text = FORMATS[name](lay_out(board_of(listed, figure_of("Paper", 0.02)), ECSSD_MAE))
    first, second = (next(line for line in text.splitlines() if who in line) for who in ("Listed", "Paper"))
    sign = r"aggregator" if name == "csv" else r"§|mathsection"
    assert re.search(sign, first)
    assert not re.search(sign, second)
    assert name == "csv" or "not from the paper: Listed, ECSSD MAE (Wizwand)" in text


def test_what_nobody_verified_of_a_method_is_told(packaged_board: Board) -> None:
    table = lay_out(packaged_board, Choice(measures=("MAE",)))
    for name in ("latex", "markdown", "html"):
        assert "Not verified: year and backbone" in FORMATS[name](table)
    rows = csv.DictReader(io.StringIO(to_csv(table), newline=""))
    checked = {row["method"]: row["checked"] for row in rows}
    assert checked["MINet"] == "false"


def test_a_paper_is_told_of_no_command(packaged_board: Board) -> None:
    published = Choice(benchmarks=("DUTS-TE",), measures=("MAE", "S"), supervisions=("full",))
    measured = Choice(measures=("MAE",), convention="sodeval")
    tables = [lay_out(packaged_board, choice) for choice in (published, measured)]
    for name in ("latex", "markdown", "html"):
        below = "\n".join(
            line for table in tables for line in FORMATS[name](table).splitlines() if line[:1] != "%"
        )
        assert "csv" not in below
        assert "bdstr leaderboard" not in below
    assert "bdstr leaderboard audit lists all" in to_text(tables)
    assert "--format csv has each interval" in to_text(tables)


@pytest.mark.parametrize(
    ("name", "first", "note"),
    [
        ("text", "=.811", "= Cannot be told"),
        ("markdown", "=**.811**", "= Cannot be told"),
        ("latex", r"$=$\sodfirst{.811}", "$=$ Cannot be told"),
        ("html", "=<b>.811</b>", "= Cannot be told"),
    ],
)
def test_neighbours_that_cannot_be_told_apart_are_marked(
    name: str, first: str, note: str, packaged_board: Board
) -> None:
    choice = Choice(benchmarks=("SOD",), measures=("maxF",), convention="sodeval")
    text = FORMATS[name](lay_out(packaged_board, choice))
    assert first in text
    assert note in text
    assert "=.773" not in text


def test_what_was_measured_stands_in_latex_below_each_other(packaged_board: Board) -> None:
    text = to_latex(lay_out(packaged_board, Choice(convention="sodeval")))
    first, second = text.split(r"\begin{tabular}")[1:]
    assert "{*{11}{c}}" in first.replace("{lrl*", "{*")
    assert " -- " not in first + second
    assert "CSNet" in first
    assert "CSNet" not in second
    assert second.index("PiCANet") < second.index("DSS") < second.index("Amulet")


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "csv"])
def test_how_far_other_images_move_measured_figures_is_told(name: str, packaged_board: Board) -> None:
    text = FORMATS[name](lay_out(packaged_board, Choice(convention="sodeval", measures=("MAE",))))
    assert re.search(r"by up to \.\d{3} on ECSSD, by up to \.\d{3} on SOD", text)


def test_the_text_has_one_grid_a_benchmark_that_fits_the_terminal(packaged_board: Board) -> None:
    tables = lay_out_each(packaged_board, Choice(convention="sodeval"))
    wide, narrow = to_text(tables), to_text(tables, 60)
    assert len(re.findall("^─+$", wide, re.MULTILINE)) == 2
    rules = re.findall("^─+$", narrow, re.MULTILINE)
    assert len(rules) > 2
    assert max(map(len, rules)) <= 60
    assert sorted(re.findall(r"\S+[↑↓]", wide)) == sorted(re.findall(r"\S+[↑↓]", narrow))


def test_a_benchmark_without_such_methods_has_no_grid() -> None:
    board = board_of(figure_of("A", 0.02, supervision="box"), figure_of("B", 0.03, benchmark="SOD"))
    (table,) = lay_out_each(board, Choice(supervisions=("box",)))
    assert table.benchmarks == (("ECSSD", 1),)


def test_figures_stand_below_each_other_whatever_their_marks() -> None:
    grid = to_text([lay_out(mixed_board(), ECSSD_MAE)]).split("\n\n")[0].splitlines()
    assert {match.start() for line in grid if (match := re.search(r"\.\d{3}", line))} == {
        grid[3].index(".021")
    }


def test_csv_has_a_line_a_figure_with_its_source_and_never_more_than_three_decimals(
    packaged_board: Board,
) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(lay_out(packaged_board, Choice())), newline="")))
    assert tuple(rows[0]) == HEAD
    figures = [row for row in rows if row["value"]]
    assert all(re.fullmatch(r"0\.\d{3}", row["value"]) for row in figures)
    assert all(row["source_url"].startswith("https://") and row["convention"] == "usual" for row in figures)
    assert {row["method"] for row in rows if not row["value"]} == {"DEDecoder"}
    measured = csv.DictReader(
        io.StringIO(
            to_csv(lay_out(packaged_board, Choice(convention="sodeval", measures=("MAE",)))), newline=""
        )
    )
    for row in measured:
        assert float(row["interval_low"]) < float(row["value"]) < float(row["interval_high"])


def test_json_holds_what_csv_does_with_numbers_as_numbers(packaged_board: Board) -> None:
    table = lay_out(packaged_board, Choice(benchmarks=("ECSSD",), measures=("MAE",), top=3))
    rows, figures = csv.DictReader(io.StringIO(to_csv(table), newline="")), json.loads(to_json(table))
    for row, figure in zip(rows, figures, strict=True):
        assert {name: "" if value is None else str(value).lower() for name, value in figure.items()} == {
            name: str(float(value)) if name in NUMBERS and value else value.lower()
            for name, value in row.items()
        }
    assert isinstance(figures[0]["value"], float)
    assert isinstance(figures[0]["tied"], bool)
