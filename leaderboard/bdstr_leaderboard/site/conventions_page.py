"""The page on conventions: what they are, and how much each moves a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bdstr.scored import slug
from sodeval.measures import STANDARD

from ..board import Board
from ..conventions import ORIGINS, explain
from ..entry import Entry
from . import cells
from .board_js import Standings
from .effects import Explained, explained, gaps
from .markup import Content, Html, page, table, text

PATH = "conventions.html"
VISIBLE = 0.0005
"""Less than this is no change at three decimals."""

_PAIRS = (("maxF", "maxF_pr"), ("meanF", "meanF_pr"), ("meanF", "adpF"))


def conventions_page(board: Board, standings: Standings) -> bytes:
    """The page.

    Args:
        board: what is known.
        standings: of each of its columns.
    """
    one = explained()
    body: list[Content] = [
        Html(f"<p>{_WHY}</p>"),
        _list(board),
        Html("<h2>Who measured</h2>" + _definitions(ORIGINS.items())),
        Html(f"<h2>The same maps, one choice changed</h2><p>{text(_said(one))}</p>"),
        table(f"What a choice adds to the scores of {one.about['method']}", *_changes(one), kind="numbers"),
        Html(_MADE.format(command=text(one.command), version=text(one.about["sodeval"]))),
        Html(f"<h2>The same maps, two kinds of F</h2><p>{_TWO_F}</p>"),
        table("F of measured entries", _F_HEAD, map(_kinds_of_f, board.entries), kind="numbers"),
        Html(f"<h2>The same methods, two published conventions</h2><p>{_GAPS}</p>"),
        table("Differences between published conventions", _GAP_HEAD, _gap_rows(board, standings)),
    ]
    return page(PATH, "Conventions, and how much they matter", body)


_MADE = '<p class="soft">Made by <code>{command}</code>, sodeval {version}.</p>'
_WHY = (
    "Two evaluators give two numbers for the same maps: they scale maps and binarise masks differently, and "
    "mean different things by “max F”. Here a figure carries the convention it follows, and is ranked only "
    "with figures of the same benchmark, measure and convention."
)
_TWO_F = (
    "Papers print two numbers as “max F”: the best of the F curve averaged over images, and the best F of "
    "precision and recall averaged over images. Both from the same maps, of everything that was measured here."
)
_GAPS = (
    "Methods that stand under two conventions: what the second adds to the first. The networks are the same "
    "by name; their maps may differ."
)
_F_HEAD = (
    "Entry",
    "maxF",
    "maxF (PR)",
    "difference",
    "meanF",
    "meanF (PR)",
    "difference",
    "adpF",
    "less meanF",
)
_GAP_HEAD = ("Benchmark", "Measure", "Conventions", "Methods", "Middle", "Lowest", "Highest")


def _list(board: Board) -> Html:
    counts = Counter(figure.convention for figure in board.figures)
    rows: list[list[Content]] = [
        [Html(f'<span id="{slug(name)}">{text(name)}</span>'), f"{number:,}", explain(name)]
        for name, number in counts.most_common()
    ]
    return table("The conventions of this board", ("Convention", "Figures", "What it is"), rows)


def _definitions(pairs: Iterable[tuple[str, str]]) -> str:
    items = "".join(f"<div><dt>{text(name)}</dt><dd>{text(said)}</dd></div>" for name, said in pairs)
    return f'<dl class="facts wide">{items}</dl>'


def _said(one: Explained) -> str:
    about = one.about
    return (
        f"{about['method']} on {about['benchmark']}, {int(about['images']):,} images: the scores under the "
        f"protocol {about['protocol']}, then what each other protocol and each single choice adds to them. A dot is a "
        "change that three decimals do not show. Choices are called as sodeval run --set calls them."
    )


def _changes(one: Explained) -> tuple[list[Content], Iterator[list[Content]]]:
    names = [name for name in STANDARD if name in one.scores]
    return ["", *map(cells.measure, names)], _change_rows(one, names)


def _change_rows(one: Explained, names: list[str]) -> Iterator[list[Content]]:
    yield [f"{one.about['protocol']}, as given", *(cells.short(one.scores[name]) for name in names)]
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


def _gap_rows(board: Board, standings: Standings) -> Iterator[list[Content]]:
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
