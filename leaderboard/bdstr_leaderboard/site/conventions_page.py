"""The page on conventions: what they are, and how much each moves a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bdstr.scored import slug
from sodeval.measures import STANDARD

from ..board import Board
from ..conventions import ORIGINS, explain
from ..entry import Entry
from . import cells
from .board_js import Standings
from .effects import Explained, explained, gaps
from .markup import Content, Html, definitions, page, table, template, text

PATH = "conventions.html"
VISIBLE = 0.0005
"""Less than this is no change at three decimals."""

_PAIRS = (("maxF", "maxF_pr"), ("meanF", "meanF_pr"), ("meanF", "adpF"))
_KINDS_HEAD = (
    "Entry",
    "maxF",
    "maxF (PR)",
    "more by",
    "meanF",
    "meanF (PR)",
    "more by",
    "adpF",
    "over meanF",
)
_GAPS_HEAD = ("Benchmark", "Measure", "Conventions", "Methods", "Middle", "Lowest", "Highest")


def conventions_page(board: Board, standings: Standings) -> bytes:
    """The page.

    Args:
        board: what is known.
        standings: of each of its columns.
    """
    one = explained()
    changes = table(f"What a choice adds to the scores of {one.method}", *_changes(one), kind="numbers")
    kinds = table("F of measured entries", _KINDS_HEAD, map(_kinds_of_f, board.entries), kind="numbers")
    gaps_table = table("Differences between conventions", _GAPS_HEAD, _gaps(board, standings))
    body = template(
        PATH,
        conventions=_conventions(board).text,
        origins=definitions(ORIGINS.items()).text,
        method=text(one.method),
        benchmark=text(one.benchmark),
        images=f"{one.images:,}",
        protocol=text(one.protocol),
        changes=changes.text,
        command=text(one.command),
        version=text(one.sodeval),
        kinds=kinds.text,
        gaps=gaps_table.text,
    )
    return page(PATH, "Conventions, and how much they matter", [body])


def _conventions(board: Board) -> Html:
    counts = Counter((figure.convention, bool(figure.column.unknown_masks)) for figure in board.figures)
    rows: list[list[Content]] = [
        [
            Html(f'<span id="{slug(name)}">{text(name)}</span>'),
            f"{number:,}",
            explain(name) + (" These masks are no copy that we know." if unknown else ""),
        ]
        for (name, unknown), number in counts.most_common()
    ]
    return table("The conventions of this board", ("Convention", "Figures", "What it is"), rows)


def _changes(one: Explained) -> tuple[list[Content], Iterator[list[Content]]]:
    names = [name for name in STANDARD if name in one.scores]
    return ["Protocol or choice", *map(cells.measure, names)], _change_rows(one, names)


def _change_rows(one: Explained, names: list[str]) -> Iterator[list[Content]]:
    yield [f"{one.protocol}, as given", *(cells.short(one.scores[name]) for name in names)]
    for change in one.changes:
        label = f"protocol {change.change}" if change.kind == "preset" else change.change
        yield [label, *(signed(change.differences[name]) for name in names)]


def signed(difference: float) -> str:
    """A difference with its sign, a dot where it does not show.

    Example:
        >>> signed(0.0194), signed(0.0001)
        ('+.019', '·')
    """
    if abs(difference) < VISIBLE:
        return "·"
    return ("+" if difference > 0 else "") + cells.short(difference)


def _kinds_of_f(entry: Entry) -> list[Content]:
    row: list[Content] = [f"{entry.method.title}, {entry.benchmark}"]
    for first, second in _PAIRS:
        a, b = entry.scores.get(first), entry.scores.get(second)
        both = [a, b] if second != "adpF" else [b]
        row += ["" if one is None else cells.short(one) for one in both]
        row.append("" if a is None or b is None else signed(b - a))
    return row


def _gaps(board: Board, standings: Standings) -> Iterator[list[Content]]:
    for gap in gaps(board, standings):
        ends = gap.differences[0], gap.differences[-1]
        yield [
            gap.benchmark,
            cells.measure(gap.measure),
            " → ".join(gap.conventions),
            f"{len(gap.differences):,}",
            signed(gap.middle),
            *map(signed, ends),
        ]
