"""The page on record: figures that are suspect, corrected, removed, or left out, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from ..amendments import REMOVED, Amended
from ..board import Board
from ..figure import Figure
from ..published import LeftOut
from ..unknown import Unknown
from . import cells
from .addresses import addresses_of
from .markup import Content, Html, link, page, table, text

PATH = "record.html"


def record_page(board: Board) -> bytes:
    """The page."""
    addresses = addresses_of(board)
    suspect = [figure for figure in board.figures if figure.suspect]
    body: list[Content] = [
        Html("<p>Nothing disappears: what is doubted, changed or left out is here, with the reason.</p>"),
        _section("Suspect", _SUSPECT, _SUSPECT_HEAD, [_suspect(figure, addresses) for figure in suspect]),
        _section("Amended", _AMENDED, _AMENDED_HEAD, [_amended(one, addresses) for one in board.amended]),
        _section("Without figures", _UNKNOWN, _UNKNOWN_HEAD, list(map(_unknown, board.unknown))),
        _section("Left out", _LEFT_OUT, _LEFT_OUT_HEAD, list(map(_left_out, board.left_out))),
    ]
    return page(PATH, "On record: suspect, amended and left-out figures", body)


_SUSPECT = "Figures that may be misprinted. They are shown as they were printed, and never ranked."
_SUSPECT_HEAD = ("Method", "Benchmark", "Measure", "Printed", "Why", "Source")
_AMENDED = "Figures that were removed or corrected: as they were, and what was decided."
_AMENDED_HEAD = ("Method", "Benchmark", "Measure", "Was", "Now", "Decided", "Why", "Source")
_UNKNOWN = "Methods that a reader looks for, and why their rows stay empty."
_UNKNOWN_HEAD = ("Method", "Why", "Year", "Paper")
_LEFT_OUT = "What the board's folder holds and the board does not show."
_LEFT_OUT_HEAD = ("Where", "Why")


def _section(title: str, said: str, head: tuple[str, ...], rows: list[list[Content]]) -> Html:
    shown = table(title, head, rows).text if rows else "<p><em>None.</em></p>"
    return Html(f"<h2>{title} ({len(rows):,})</h2><p>{said}</p>{shown}")


def _suspect(figure: Figure, addresses: Mapping[str, str]) -> list[Content]:
    return [*_who(figure, addresses), figure.text, figure.suspect, cells.source(figure)]


def _amended(one: Amended, addresses: Mapping[str, str]) -> list[Content]:
    decided = one.amendment
    now = REMOVED if decided.value is None else cells.short(decided.value)
    said = [one.was.text, now, decided.date, decided.reason]
    return [*_who(one.was, addresses), *said, cells.source(one.was)]


def _unknown(one: Unknown) -> list[Content]:
    method = one.method
    return [method.title, one.reason, str(method.year or ""), link(method.paper, method.paper)]


def _left_out(one: LeftOut) -> list[Content]:
    return [one.place, one.reason]


def _who(figure: Figure, addresses: Mapping[str, str]) -> list[Content]:
    title = figure.method.title
    name = text(title)
    if title in addresses:  # where all of a method was removed, it has no page
        name = f'<a href="{addresses[title]}">{name}</a>'
    return [Html(name), figure.benchmark, cells.measure(figure.measure)]
