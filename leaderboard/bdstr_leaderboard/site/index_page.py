"""The first page: the table of figures, its filters, and how to read it."""

from __future__ import annotations

from ..board import Board
from . import cells
from .addresses import addresses_of
from .controls import chosen, either, field, number
from .markup import TITLE, Html, page, text

PATH = "index.html"
SCRIPTS = ("board.js", "vendor/datatables.min.js", "static/view.js", "static/more.js", "static/table.js")


def index_page(board: Board) -> bytes:
    """The page; its rows are filled in by a script."""
    return page(PATH, TITLE, [_summary(board), _FILTERS, _TABLE, _LEGEND, _without_scripts(board)], SCRIPTS)


def _summary(board: Board) -> Html:
    published = [figure for figure in board.figures if not figure.measured]
    sources = {figure.source.url for figure in published}
    said = (
        f"{cells.count(published, 'published figure', 'published figures')} from "
        f"{cells.count(sources, 'source', 'sources')}, and "
        f"{cells.count(board.entries, 'entry', 'entries')} measured here from the maps themselves. "
        f"{cells.count(board.methods, 'method', 'methods')}."
    )
    return Html(
        f'<p class="lead">{said} Ranked is only what shares benchmark, measure and <a href="conventions.html">'
        "convention</a>. Every figure is a link to its source.</p>"
    )


_CHOICES = [
    chosen("benchmark", "Benchmark"),
    chosen("measure", "Measure"),
    chosen("convention", "Convention"),
    chosen("supervision", "Supervision"),
    chosen("backbone", "Backbone"),
]
_LIMITS = [number("from", "Year from"), number("to", "to"), number("parameters", "Parameters up to, M", "any")]

_FILTERS = Html(
    '<form id="filters" role="search" aria-label="Filter the figures">'
    + field("q", "Search", '<input type="search" id="q" name="q" autocomplete="off" placeholder="Method, venue">')
    + "".join(_CHOICES)
    + "".join(_LIMITS)
    + either("measured", "Measured here only")
    + '<p class="field"><button type="reset">Reset</button></p></form>'
)

_TABLE = Html(
    '<p class="above"><span id="said" role="status"></span> <a id="share" href="#">Link to this view</a></p>'
    '<div class="scroll board" tabindex="0" role="region" aria-label="Figures">'
    '<table id="figures"><caption></caption><thead></thead><tbody></tbody></table></div>'
    '<div id="more" popover role="dialog" aria-labelledby="more-title"></div>'
)

_LEGEND = Html(
    '<section class="legend" aria-label="How to read the table"><ul>'
    '<li><b class="mark1">.936</b> first, <b class="mark2">.936</b> second, <b class="mark3">.936</b> third of the '
    "whole column, whatever is filtered</li>"
    "<li><b>#</b> is the rank in the column by which the table is sorted; <b>=</b> marks a tie: figures that print "
    "alike, or measured ones whose difference over the same images cannot be told from chance</li>"
    "<li><small>.857–.879</small> is where a measured figure would lie with other images, at 95 %</li>"
    '<li><b class="sign">≠</b> sources disagree: open it for the spread</li>'
    '<li><b class="sign">i</b> there is more to know: other sources that agree, or a note</li>'
    '<li><s class="suspect">.908</s> <b class="sign">?</b> suspect: shown with its reason, never ranked</li>'
    "</ul></section>"
)


def _without_scripts(board: Board) -> Html:
    items = "".join(
        f'<li><a href="{address}">{text(title)}</a></li>' for title, address in addresses_of(board).items()
    )
    return Html(
        "<noscript><p>The table needs scripts; the pages of the methods do not:</p>"
        f'<ul class="methods">{items}</ul></noscript>'
    )


