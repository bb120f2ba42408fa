"""Tables of the board: one convention each, the right marks, every name harmless in every format."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from boards import HOSTILE, board_of, figure_of
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bdstr.errors import UsageError
from bdstr_leaderboard.board import Board
from bdstr_leaderboard.commands.table import table as command
from bdstr_leaderboard.conventions import SUPERVISIONS
from bdstr_leaderboard.figure import Figure, Method, Source
from bdstr_leaderboard.tables.bibliography import to_bibtex
from bdstr_leaderboard.tables.choice import Choice, named_benchmark
from bdstr_leaderboard.tables.csv_table import HEAD, NUMBERS, to_csv, to_json
from bdstr_leaderboard.tables.html_table import to_html
from bdstr_leaderboard.tables.latex import to_latex
from bdstr_leaderboard.tables.layout import Table, lay_out, lay_out_each
from bdstr_leaderboard.tables.markdown import to_markdown
from bdstr_leaderboard.tables.notes import notes
from bdstr_leaderboard.tables.text import to_text
from bdstr_leaderboard.unknown import Unknown
from sodeval.printable import printable

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


def test_blocks_come_by_supervision_and_methods_by_the_first_column() -> None:
    table = lay_out(mixed_board(), Choice())
    assert [(column.measure, column.convention) for column in table.columns] == [
        ("MAE", "usual"),
        ("S", "usual"),
    ]
    assert shown(table) == {
        "full": ["Beta", "Alpha", "Delta", "Gamma", "Odd"],
        "point": ["Points", "Nobody"],
    }


def test_the_best_three_of_a_column_are_marked_and_a_figure_alone_is_not() -> None:
    table = lay_out(mixed_board(), Choice())
    marks = {row.method.name: [cell.mark for cell in row.cells] for row in table.rows}
    assert marks == {
        "Beta": [1, 0], "Alpha": [2, 0], "Delta": [3, 0], "Gamma": [0, 0], "Odd": [0, 0], "Points": [0, 0],
        "Nobody": [0, 0],
    }  # fmt: skip


def test_ties_share_a_mark() -> None:
    table = lay_out(board_of(*map(figure_of, "ABCD", [0.0301, 0.0304, 0.031, 0.032])), Choice())
    assert [cell_of(table, name)[1] for name in "ABCD"] == [1, 1, 3, 0]


def test_marks_are_of_the_methods_asked_for_but_count_those_cut_off_by_top() -> None:
    board = mixed_board()
    points = lay_out(board, replace(ECSSD_MAE, supervisions=("point",)))
    assert cell_of(points, "Points") == (".036", 0)  # alone among its like
    top = lay_out(board, replace(ECSSD_MAE, top=1))
    assert shown(top) == {"full": ["Beta"], "point": ["Points", "Nobody"]}
    assert top.left == 4
    assert any("4 more methods on ECSSD" in note.text for note in notes(top))


def test_the_figures_of_two_conventions_never_stand_in_one_table() -> None:
    table = lay_out(mixed_board(), Choice(convention="lower-maxF"))
    assert [column.measure for column in table.columns] == ["maxF"]
    with pytest.raises(
        UsageError, match=r"no figure of maxF on ECSSD under the convention usual; .* lower-maxF"
    ):
        lay_out(mixed_board(), Choice(benchmarks=("ECSSD",), measures=("maxF",)))


def test_what_sodeval_measured_is_never_beside_what_somebody_says_that_it_did() -> None:
    told = {"convention": "sodeval pysodmetrics, masks 00000000"}
    board = board_of(figure_of("A", 0.03, origin="measured", **told), figure_of("B", 0.01, **told))
    assert shown(lay_out(board, Choice(convention="sodeval"))) == {"full": ["A"]}


KNOWN, UNKNOWN = (f"sodeval pysodmetrics, masks {each}" for each in ("faecd716", "cc7dd0be"))


def on_two_copies() -> Table:
    """What was measured on SOD: on the masks that are known, and on others, whose name sorts before."""
    figures = [
        figure_of(name, value, benchmark="SOD", measure=measure, origin="measured", convention=convention)
        for name, value, convention in [("Other", 0.9, UNKNOWN), ("DSS", 0.2, KNOWN), ("PiCANet", 0.1, KNOWN)]
        for measure in ("MAE", "S")
    ]
    return lay_out(board_of(*figures), Choice(convention="sodeval"))


def test_known_masks_come_first_and_decide_the_order() -> None:
    table = on_two_copies()
    assert [column.convention for column in table.columns] == [KNOWN, KNOWN, UNKNOWN, UNKNOWN]
    assert shown(table) == {"full": ["PiCANet", "DSS", "Other"]}


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "csv"])
def test_unknown_masks_are_called_so_above_their_figures_and_below(name: str) -> None:
    text = FORMATS[name](on_two_copies())
    assert "SOD, unknown masks cc7dd0be" in text
    assert "Unknown masks cc7dd0be of SOD: no copy that we know" in text
    assert "known masks" in re.sub("(?i)unknown masks", "", text)


def test_unknown_masks_are_told_where_no_known_ones_stand_beside_them() -> None:
    alone = figure_of("Other", 0.9, benchmark="SOD", origin="measured", convention=UNKNOWN)
    assert "unknown masks cc7dd0be" in to_text([lay_out(board_of(alone), Choice(convention="sodeval"))])


def test_unstated_measures_of_two_sources_have_two_columns_that_name_them() -> None:
    board = board_of(
        *(
            figure_of(
                name, 0.9, measure="E", convention="unstated", source=Source(source, f"https://{source}")
            )
            for source in ("one", "two")
            for name in "AB"
        )
    )
    table = lay_out(board, Choice(convention="unstated"))
    assert table.tells_apart == ("one", "two")
    assert re.search(r"one E\?↑ +two E\?↑", to_text([table]))
    assert "only with others of the same source" in notes(table)[0].text


def test_what_no_method_learned_from_is_refused_rather_than_an_empty_table() -> None:
    with pytest.raises(UsageError, match="learned from: box"):
        lay_out(mixed_board(), Choice(supervisions=("box",)))


def test_benchmarks_and_measures_come_in_the_order_in_which_they_were_asked_for(
    packaged_board: Board,
) -> None:
    choice = Choice(benchmarks=("SOD", "ECSSD"), measures=("S", "MAE"), convention="sodeval")
    table = lay_out(packaged_board, choice)
    assert [(c.benchmark, c.measure) for c in table.columns] == [
        ("SOD", "S"), ("SOD", "MAE"), ("ECSSD", "S"), ("ECSSD", "MAE"),
    ]  # fmt: skip
    assert table.benchmarks == (("SOD", 2), ("ECSSD", 2))
    assert not any(row.unknown for row in table.rows)


def test_an_unknown_benchmark_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'ECSSD'"):
        named_benchmark("ECSD")


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


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def hostile(name: str) -> Figure:
    return figure_of(name, 0.02, note=name, source=Source(name, f"https://example.org/{name}"))


@settings(max_examples=40)
@given(NAMES)
def test_html_shows_every_name_as_text_and_has_no_tags_of_others(name: str) -> None:
    page = Tags(to_html(lay_out(board_of(hostile(name), figure_of("rival", 0.03)), Choice())))
    assert printable(name) in page.texts
    assert {tag for tag, _ in page.tags} <= {
        "table", "thead", "tbody", "tr", "th", "td", "a", "b", "u", "i", "ul", "li",
    }  # fmt: skip
    assert all(
        not attribute.startswith("on") and (attribute != "href" or str(value).startswith("https://"))
        for _, attributes in page.tags
        for attribute, value in attributes.items()
    )


def test_an_address_that_a_browser_would_run_is_no_link() -> None:
    figure = figure_of("A", 0.02, source=Source("x", "javascript:alert(1)"))
    assert "href" not in to_html(lay_out(board_of(figure), Choice()))


@settings(max_examples=40)
@given(NAMES)
def test_markdown_shows_every_name_as_it_is(name: str) -> None:
    text = to_markdown(lay_out(board_of(hostile(name), figure_of("rival", 0.03)), Choice()))
    tokens = MarkdownIt().enable("table").parse(text)
    rows = [at for at, token in enumerate(tokens) if token.type == "tr_open"]
    cells = [token for token in tokens[rows[2] : rows[3]] if token.type == "inline"]
    assert "".join(child.content for child in cells[0].children or []).strip() == printable(name).strip()
    assert len(cells) == 4
    assert not any(token.type in ("html_block", "link_open") for token in tokens)


@settings(max_examples=40)
@given(NAMES)
def test_latex_keeps_its_shape_whatever_the_names(name: str) -> None:
    table = lay_out(board_of(hostile(name), figure_of("rival", 0.03)), Choice())
    (row,) = (
        line for line in to_latex(table, cite=True).splitlines() if r"\sodfirst{.020}" in line and "&" in line
    )
    bare = re.sub(r"\\[\\{}&%$#_]", "", row.replace(r"~\cite", r"\cite"))
    assert bare.count("&") == 3
    assert bare.count("{") == bare.count("}")
    assert not set("%$#~^") & set(bare)
    assert set(re.findall(r"\\([a-zA-Z]+)", bare)) <= {
        "cite", "sodfirst", "sodletter", "textasciicircum", "textasciitilde", "textbackslash", "textbar",
        "textgreater", "textless",
    }  # fmt: skip


@settings(max_examples=40)
@given(NAMES)
def test_the_bibliography_has_balanced_braces_and_plain_keys(name: str) -> None:
    text = to_bibtex(lay_out(board_of(hostile(name), hostile(f"{name}.")), Choice()))
    assert text.count("{") == text.count("}")
    keys = re.findall(r"^@misc\{(.*),$", text, re.MULTILINE)
    assert len(keys) == len(set(keys)) >= 1
    assert all(re.fullmatch(r"[a-z0-9-]+", key) for key in keys)


def compiled(folder: Path, text: str, bib: str) -> str:
    """The last log of LaTeX and BibTeX over a document with the table."""
    (folder / "table.tex").write_text(text, "utf-8")
    (folder / "sources.bib").write_text(bib, "utf-8")
    (folder / "paper.tex").write_text(
        r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs,graphicx,xcolor,url}"
        "\n" + r"\begin{document}\input{table}\bibliographystyle{plain}\bibliography{sources}\end{document}",
        "utf-8",
    )
    latex = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "paper"]
    for step in (latex, ["bibtex", "paper"], latex, latex):
        done = subprocess.run(step, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    return (folder / "paper.log").read_text("utf-8", "replace")


@pytest.mark.skipif(
    shutil.which("pdflatex") is None or shutil.which("bibtex") is None,
    reason="no pdflatex: apt-get install texlive-latex-base texlive-latex-recommended",
)
def test_latex_compiles_with_its_bibliography_hostile_names_too(
    packaged_board: Board, tmp_path: Path
) -> None:
    names = [*HOSTILE, "{", "}", "\\", "[x]", "*", "显著", "Ä\u0302", "100 %", "\u2020"]
    figures = [*packaged_board.figures, *map(hostile, names)]
    board = Board(tuple(figures), packaged_board.entries, unknown=packaged_board.unknown)
    choice = Choice(measures=("MAE", "S"), supervisions=("full", "foundation model"), top=60)
    table = lay_out(board, choice)
    log = compiled(tmp_path, to_latex(table, cite=True), to_bibtex(table))
    assert "undefined" not in log
    assert "multiply" not in log
    assert "/etc/passwd" not in log
    assert (tmp_path / "paper.pdf").stat().st_size > 10_000


@pytest.mark.skipif(
    shutil.which("pdflatex") is None or shutil.which("bibtex") is None,
    reason="no pdflatex: apt-get install texlive-latex-base texlive-latex-recommended",
)
def test_the_latex_that_the_readme_shows_fits_its_page(packaged_board: Board, tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8").replace("\\\n", " ")
    (line,) = re.findall(
        r"^\$ bdstr leaderboard table (.*--format latex .*) > table\.tex", readme, re.MULTILINE
    )
    asked = command.make_context("table", shlex.split(line)).params
    names = ("benchmarks", "measures", "supervisions", "top")
    published = lay_out(packaged_board, Choice(**{name: asked[name] for name in names}))
    measured = lay_out(packaged_board, Choice(convention="sodeval"))
    texts = to_latex(published, cite=True) + to_latex(measured).replace("tab:sod", "tab:measured")
    log = compiled(tmp_path, texts, to_bibtex(published))
    assert "too large" not in log
    assert r"Overfull \hbox" not in log


def test_every_block_of_the_shipped_board_is_one_of_the_supervisions(packaged_board: Board) -> None:
    table = lay_out(packaged_board, Choice())
    assert [block.supervision for block in table.blocks] == [
        name for name in SUPERVISIONS if name != "none"
    ]  # the methods that learn nothing were measured, not read in papers
