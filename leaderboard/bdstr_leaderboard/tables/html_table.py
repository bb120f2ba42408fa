"""A table as a piece of HTML, for a page of one's own."""

from __future__ import annotations

import html

from sodeval.printable import printable

from ..conventions import ORIGINS, SUPERVISIONS, measure_of
from ..figure import Figure
from ..rounding import three
from .layout import Block, Cell, Row, Table
from .notes import TIED, UNVERIFIED, Note, notes
from .text import daggers

_MARKS = ("{}", "<b>{}</b>", "<u>{}</u>", "<i>{}</i>")
_LEGEND = "Best three of each column: <b>first</b>, <u>second</u>, <i>third</i>."


def to_html(table: Table) -> str:
    """A ``<table>`` and its notes, without styles or scripts; every figure links its source."""
    legend = [f"<li>{_LEGEND}</li>"] if table.marked else []
    said = [*map(_note, notes(table)), f"<li>{_text(UNVERIFIED)}</li>"]
    lines = [
        '<table class="sod-leaderboard">',
        *_head(table),
        *(line for block in table.blocks for line in _block(block, 3 + len(table.columns))),
        "</table>",
        '<ul class="sod-leaderboard-notes">',
        *legend,
        *said,
        "</ul>",
    ]
    return "\n".join(lines) + "\n"


def _head(table: Table) -> list[str]:
    about = "".join(f'<th scope="col" rowspan="2">{name}</th>' for name in ("Method", "Year", "Backbone"))
    spans = "".join(
        f'<th scope="colgroup" colspan="{width}">{_text(name)}</th>' for name, width in table.benchmarks
    )
    measures = zip(table.columns, table.tells_apart, strict=True)
    heads = "".join(_measure(column.measure, apart) for column, apart in measures)
    return ["<thead>", f"<tr>{about}{spans}</tr>", f"<tr>{heads}</tr>", "</thead>"]


def _measure(name: str, apart: str) -> str:
    measure = measure_of(name)
    title = _text(f"{measure.title} {apart}".strip())
    return f'<th scope="col" title="{_text(measure.summary)}">{title} {measure.arrow}</th>'


def _block(block: Block, width: int) -> list[str]:
    what = f"{block.supervision}: {SUPERVISIONS[block.supervision]}"
    head = f'<tr><th scope="rowgroup" colspan="{width}">{_text(what)}</th></tr>'
    return ["<tbody>", head, *map(_row, block.rows), "</tbody>"]


def _row(row: Row) -> str:
    method = row.method
    about = f"<td>{method.year or ''}</td><td>{_text(method.backbone)}</td>"
    return f'<tr><th scope="row">{_text(method.title)}</th>{about}{"".join(map(_cell, row.cells))}</tr>'


def _cell(cell: Cell) -> str:
    if cell.figure is None:
        return f"<td>{cell.text}</td>"
    shown = TIED * cell.tied + _MARKS[cell.mark].format(cell.text) + daggers(cell)
    title = _text(_told(cell.figure, cell.spread))
    return f'<td title="{title}">{_linked(shown, cell.figure.source.url)}</td>'


def _told(figure: Figure, spread: tuple[float, float] | None) -> str:
    """Who measured it, and how far it can be trusted."""
    told = [f"{figure.source.title}: {ORIGINS[figure.origin]}"]
    if spread:
        told.append(f"sources print {three(spread[0])} to {three(spread[1])}")
    if figure.interval:
        told.append(f"95 % interval {three(figure.interval.low)} to {three(figure.interval.high)}")
    return "; ".join([*told, *filter(None, [figure.suspect, figure.note])])


def _linked(shown: str, url: str) -> str:
    if not url.startswith(("https://", "http://")):  # javascript: is an address, too
        return shown
    return f'<a href="{_text(url)}">{shown}</a>'


def _note(note: Note) -> str:
    return f"<li>{_text(f'{note.mark} {note.text}'.strip())}</li>"


def _text(text: str) -> str:
    return html.escape(printable(text))
