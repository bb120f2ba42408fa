"""The first page: the table of figures, its filters, and how to read it."""

from __future__ import annotations

from ..board import Board
from .addresses import addresses_of
from .cells import count
from .markup import TITLE, page, template, text

PATH = "index.html"
SCRIPTS = (
    *("board.js", "vendor/datatables.min.js"),
    *("static/view.js", "static/more.js", "static/columns.js", "static/table.js"),
)


def index_page(board: Board) -> bytes:
    """The page; its rows are filled in by a script."""
    pages = addresses_of(board).items()
    methods = "\n".join(f'<li><a href="{address}">{text(title)}</a></li>' for title, address in pages)
    return page(PATH, TITLE, [template(PATH, summary=_summary(board), methods=methods)], SCRIPTS)


def _summary(board: Board) -> str:
    published = [figure for figure in board.figures if not figure.measured]
    sources = {figure.source.url for figure in published}
    methods = {figure.method.title for figure in published}
    return (
        f"{count(published, 'published figure', 'published figures')} of "
        f"{count(methods, 'method or variant', 'methods and variants')} "
        f"from {count(sources, 'source', 'sources')}, and "
        f"{count(board.entries, 'entry', 'entries')} measured here from the maps themselves."
    )
