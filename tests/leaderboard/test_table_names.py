"""Names and addresses that mean something to HTML, Markdown or LaTeX, and what a compiler makes of them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from boards import HOSTILE, board_of, figure_of
from hypothesis import given, settings
from markdown_it import MarkdownIt
from table_formats import NAMES

from bdstr_leaderboard.board import Board
from bdstr_leaderboard.commands.table import table as command
from bdstr_leaderboard.figure import Figure, Source
from bdstr_leaderboard.tables.bibliography import to_bibtex
from bdstr_leaderboard.tables.choice import Choice
from bdstr_leaderboard.tables.html_table import to_html
from bdstr_leaderboard.tables.latex import to_latex
from bdstr_leaderboard.tables.layout import lay_out
from bdstr_leaderboard.tables.markdown import to_markdown
from sodeval.printable import printable


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
