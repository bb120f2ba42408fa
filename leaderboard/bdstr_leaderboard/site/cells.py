"""How a figure, its source and its place are said in a table."""

from __future__ import annotations

from collections.abc import Iterable

from .. import rounding
from ..conventions import ORIGINS, measure_of
from ..figure import Figure, Method
from ..standings import Standing
from .markup import Html, link, text


def value(figure: Figure) -> Html:
    """The number, with its interval where it was measured; a suspect one is struck through."""
    number = text(figure.text)
    if figure.suspect:
        return Html(f'<s class="suspect">{number}</s>')
    interval = figure.interval
    if interval is None:
        return Html(number)
    low, high = short(interval.low), short(interval.high)
    return Html(f'{number} <small class="interval">{low}&ndash;{high}</small>')


def short(number: float) -> str:
    r"""Three decimals, without the zero before the point.

    Example:
        >>> short(0.0357), short(1.0), short(-0.012) == "\N{MINUS SIGN}.012"
        ('.036', '1.000', True)
    """
    sign = "\N{MINUS SIGN}" if number <= -0.0005 else ""
    return sign + rounding.short(abs(number))


def measure(name: str) -> Html:
    """Title and direction of a measure, explained to who points at it."""
    one = measure_of(name)
    better = f"{one.better} is better"
    return Html(
        f'<abbr title="{text(one.summary)}; {better}">{text(one.title)}</abbr>&nbsp;'
        f'<span aria-hidden="true">{one.arrow}</span>'
    )


def published(method: Method) -> str:
    """Where and when; some venues have the year in them.

    Example:
        >>> published(Method(name="A", supervision="full", venue="CVPR", year=2020))
        'CVPR 2020'
    """
    year = "" if method.year is None or str(method.year) in method.venue else str(method.year)
    return " ".join(filter(None, [method.venue, year]))


def source(figure: Figure) -> Html:
    """Who says it and where, as a link."""
    place = f", {figure.source.place}" if figure.source.place else ""
    return Html(link(figure.source.url, figure.source.title).text + text(place))


def origin(figure: Figure) -> Html:
    """Who measured it, explained to who points at it."""
    return Html(f'<abbr title="{text(ORIGINS[figure.origin])}">{text(figure.origin)}</abbr>')


def remarks(figure: Figure) -> Html:
    """What a reader should know: why it is suspect, and the note."""
    said = [f"<strong>suspect:</strong> {text(figure.suspect)}"] if figure.suspect else []
    return Html("; ".join([*said, *([text(figure.note)] if figure.note else [])]))


def rank(standing: Standing | None, of: int) -> str:
    """A place among others; = is a tie.

    Args:
        standing: of the figure; None where another figure stands for the method.
        of: how many methods have a rank in the column.
    """
    if standing is None:
        return "another source"
    if standing.rank is None:
        return "not ranked"
    return f"{standing.rank}{'=' * standing.tied} of {of}"


def count(things: Iterable[object], one: str, many: str) -> str:
    """A number and its noun.

    Example:
        >>> count([1], "figure", "figures"), count(range(2000), "figure", "figures")
        ('1 figure', '2,000 figures')
    """
    number = len(list(things))
    return f"{number:,} {one if number == 1 else many}"
