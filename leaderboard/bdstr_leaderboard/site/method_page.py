"""The page of a method: what it is, what was run, every figure of it with its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bdstr.scored import slug
from sodeval.measures import STANDARD

from ..board import Board
from ..conventions import SUPERVISIONS, UNKNOWN_VARIANTS
from ..entry import Entry
from ..figure import Figure, Method
from ..standings import Standing
from . import cells
from .addresses import proof_of
from .board_js import Standings
from .curves_js import CURVE_SCRIPTS
from .markup import Content, Html, definitions, link, page, table, text

_ORDER = {name: i for i, name in enumerate([*STANDARD, *UNKNOWN_VARIANTS])}
_HEAD = ("Measure", "Figure", "Rank", "Convention", "Measured", "Source", "Remarks")


def method_page(board: Board, standings: Standings, title: str, path: str) -> bytes:
    """The page.

    Args:
        board: what is known.
        standings: of each of its columns.
        title: of the method.
        path: of the page.
    """
    method, figures = board.methods[title]
    entries = [entry for entry in board.entries if entry.method.title == title]
    runs = [_run(entry, proof_of(path, entry.benchmark)) for entry in entries]
    body = [_facts(method), *runs, *_tables(figures, standings, path)]
    return page(path, title, body, CURVE_SCRIPTS if entries else ())


def _facts(method: Method) -> Html:
    facts: dict[str, Content] = {
        "Learned from": f"{method.supervision}: {SUPERVISIONS[method.supervision]}",
        "Backbone": method.backbone,
        "Parameters": "" if method.parameters is None else f"{method.parameters:,}",
        "Trained on": method.train_set,
        "Published": cells.published(method),
        "Paper": link(method.paper, method.paper),
        "Code": link(method.code, method.code),
    }
    return Html(definitions(facts.items()).text + ("" if method.checked else _UNCHECKED))


_UNCHECKED = (
    '<p class="soft"><strong>Not verified:</strong> venue, year, backbone and training set are general '
    "knowledge where the sources are silent; nobody who measured the method vouches for them.</p>"
)


def _run(entry: Entry, proof: str) -> Html:
    run = entry.run
    facts: dict[str, Content] = {
        "Run by": f"{run.by}, {run.date}",
        "Images": f"{len(entry.keys):,}",
        "sodeval": f"{entry.sodeval}, protocol {entry.protocol}",
        "Masks": f"{entry.gt_fingerprint[:16]}{'' if entry.gt_known else ', no copy that we know'}",
        "SHA-256 of the maps": run.maps_sha256 or "not told",
        "Note": run.note,
        "Maps": link(run.maps, run.maps),
        "Proof": Html(f'<a href="../{proof}">a value an image, and the curves</a>'),
    }
    place = slug(entry.benchmark)
    return Html(
        f'<section aria-labelledby="measured-{place}"><h2 id="measured-{place}">Measured here on '
        f"{text(entry.benchmark)}</h2>{definitions(facts.items()).text}"
        f'<div class="curves" data-curves="{proof}"></div></section>'
    )


def _tables(figures: Sequence[Figure], standings: Standings, path: str) -> Iterator[Html]:
    yield Html("<h2>Figures</h2>")
    for benchmark in dict.fromkeys(figure.benchmark for figure in figures):
        here = [figure for figure in figures if figure.benchmark == benchmark]
        placed = [(figure, _standing(figure, standings)) for figure in here]
        placed.sort(key=lambda one: (_ORDER[one[0].measure], one[0].convention, one[1] is None))
        yield table(benchmark, _HEAD, _rows(placed, standings, proof_of(path, benchmark)))


def _standing(figure: Figure, standings: Standings) -> Standing | None:
    return next((one for one in standings[figure.column] if one.figure is figure), None)


def _told(figure: Figure) -> str:
    return figure.column.told if figure.column.unknown_masks else figure.convention


def _rows(
    placed: Iterable[tuple[Figure, Standing | None]], standings: Standings, proof: str
) -> Iterator[list[Content]]:
    for figure, standing in placed:
        ranked = sum(one.rank is not None for one in standings[figure.column])
        yield [
            cells.measure(figure.measure),
            cells.value(figure),
            cells.rank(standing, ranked),
            Html(f'<a href="../conventions.html#{slug(figure.convention)}">{text(_told(figure))}</a>'),
            cells.origin(figure),
            Html(f'<a href="../{proof}">{text(figure.source.title)}</a>')
            if figure.measured
            else cells.source(figure),
            cells.remarks(figure),
        ]
