"""An audit for people: plain text and Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sodeval.outputs.grid import aligned, markdown, markdown_table
from sodeval.printable import printable

from .audit import Audit, Beside, Disagreement
from .conventions import measure_of
from .figure import Figure
from .rounding import short, three

Grid = tuple[list[str], list[list[str]]]
"""Head and rows."""

NOTHING = "nothing"


def to_text(audit: Audit, width: int | None = None) -> str:
    """A section a kind of finding.

    Args:
        audit: what was found.
        width: of the terminal, in letters. Where a grid does not fit, each line of it takes several.
    """
    sections = (f"{title}\n{_fitting(grid, width)}" for title, grid in _sections(audit))
    return "\n\n".join(sections) + "\n"


def to_markdown(audit: Audit) -> str:
    """A heading and a table a kind of finding."""
    return "\n\n".join(_markdown_section(title, grid) for title, grid in _sections(audit)) + "\n"


def _sections(audit: Audit) -> Iterator[tuple[str, Grid]]:
    nearer = f"; {audit.nearer:,} nearer" if audit.nearer else ""
    apart = f"Sources of one convention that are {three(audit.least)} or more apart"
    yield f"{apart}: {len(audit.disagreements):,}{nearer}", _disagreements(audit.disagreements)
    yield f"Figures that may be misprinted, shown and never ranked: {len(audit.suspects):,}", _suspects(audit)
    yield f"Removed or corrected: {len(audit.amended):,}", _amended(audit)
    yield f"Measured, beside what was published: {len(audit.measured):,}", _measured(audit.measured)
    yield f"Left out: {len(audit.left_out):,}", _left_out(audit)


def _disagreements(found: Sequence[Disagreement]) -> Grid:
    head = ["Method", "Where", "Convention", "Lowest", "Highest", "Apart"]
    rows = [
        [
            each.lowest.method.title,
            _where(each.lowest),
            each.column.convention,
            _sourced(each.lowest),
            _sourced(each.highest),
            short(each.size),
        ]
        for each in found
    ]
    return head, rows


def _suspects(audit: Audit) -> Grid:
    rows = [[each.method.title, _where(each), _sourced(each), each.suspect] for each in audit.suspects]
    return ["Method", "Where", "Figure", "Reason"], rows


def _amended(audit: Audit) -> Grid:
    rows = [
        [
            each.was.method.title,
            _where(each.was),
            _sourced(each.was),
            f"{each.amendment.action} {each.amendment.date}",
            each.amendment.reason,
        ]
        for each in audit.amended
    ]
    return ["Method", "Where", "It was", "Decision", "Reason"], rows


def _measured(found: Sequence[Beside]) -> Grid:
    """A line a figure of which something was published, then one for all others of a method and benchmark."""
    rows = [
        [each.measured.method.title, _where(each.measured), _interval(each.measured), _published(each)]
        for each in found
        if each.published
    ]
    alone = Counter(
        (each.measured.method.title, each.measured.benchmark) for each in found if not each.published
    )
    rows += [
        [title, benchmark, f"{count} measures", "no figure was read"]
        for (title, benchmark), count in alone.items()
    ]
    return ["Method", "Where", "Measured", "Published"], rows


def _left_out(audit: Audit) -> Grid:
    return ["Where", "Reason"], [[each.place, each.reason] for each in audit.left_out]


def _published(beside: Beside) -> str:
    return "; ".join(f"{_sourced(each)}, {each.column.convention}" for each in beside.published)


def _where(figure: Figure) -> str:
    return f"{figure.benchmark} {measure_of(figure.measure).title}"


def _sourced(figure: Figure) -> str:
    return f"{figure.text} {figure.source.title} ({figure.origin})"


def _interval(figure: Figure) -> str:
    masks = f", unknown masks {figure.column.unknown_masks}" if figure.column.unknown_masks else ""
    if figure.interval is None:
        return figure.text + masks
    low, high = map(short, (figure.interval.low, figure.interval.high))
    return f"{figure.text} ({low} to {high}){masks}"


def _fitting(grid: Grid, width: int | None) -> str:
    head, rows = grid[0], [[printable(cell) for cell in row] for row in grid[1]]
    if not rows:
        return f"  {NOTHING}"
    whole = aligned(head, rows)
    if width is None or max(map(len, whole.splitlines())) <= width:
        return whole
    return "\n".join(_stacked(head, row) for row in rows)


def _stacked(head: Sequence[str], row: Sequence[str]) -> str:
    rest = (f"    {name.lower()}: {cell}" for name, cell in zip(head[2:], row[2:], strict=True))
    return "\n".join([f"  {row[0]}, {row[1]}", *rest])


def _markdown_section(title: str, grid: Grid) -> str:
    head, rows = grid
    shown = [[markdown(printable(cell)) for cell in row] for row in rows]
    return f"### {markdown(title)}\n\n{markdown_table(head, shown) if rows else NOTHING}"
