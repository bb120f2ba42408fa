"""Figures as lines of a table in Markdown: here numbers become text."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.figures import Figure

HEAD = (
    "| what | ours | beside it, what people use now | ratio | asked (aim) | met |\n|:--|--:|:--|--:|--:|:--|"
)


def markdown(figures: Iterable[Figure]) -> str:
    """The table."""
    return "\n".join([HEAD, *map(line, figures)])


def line(figure: Figure) -> str:
    """One figure.

    Example:
        >>> line(Figure("sodeval", "ms", "PySODMetrics", asked=18, aim=30).measured(2, 50))
        '| sodeval | 2.00 ms | PySODMetrics: 50.0 ms | **25.0x ↑** | ≥ 18x (30x) | yes |'
        >>> line(Figure("memory", "MB", kind="cost", asked=300, of_value=True).not_run("no Linux"))
        '| memory | not run: no Linux |  |  | ≤ 300 MB |  |'
    """
    cells = (_what(figure), _ours(figure), _beside(figure), _ratio(figure), _asked(figure), _met(figure))
    return f"| {' | '.join(cells)} |"


def number(value: float) -> str:
    """To about three digits.

    Example:
        >>> [number(value) for value in (0.0688, 0.817, 20.88, 223.34, 1001.5)]
        ['0.069', '0.82', '20.9', '223', '1,002']
    """
    digits = next((digits for limit, digits in ((0.1, 3), (10, 2), (100, 1)) if value < limit), 0)
    return f"{value:,.{digits}f}"


def times(ratio: float) -> str:
    """A ratio."""
    return f"{number(ratio)}x"


def arrow(figure: Figure) -> str:
    """Which way the ratio is better."""
    return "↑" if figure.kind == "gain" else "↓"


def _what(figure: Figure) -> str:
    return f"{figure.what} ({figure.extent})" if figure.extent else figure.what


def _ours(figure: Figure) -> str:
    return f"not run: {figure.why_not}" if figure.value is None else f"{number(figure.value)} {figure.unit}"


def _beside(figure: Figure) -> str:
    if figure.beside_value is None:
        return figure.beside
    return f"{figure.beside}: {number(figure.beside_value)} {figure.unit}"


def _ratio(figure: Figure) -> str:
    return "" if figure.ratio is None else f"**{times(figure.ratio)} {arrow(figure)}**"


def _asked(figure: Figure) -> str:
    if figure.asked is None:
        return ""
    unit = f" {figure.unit}" if figure.of_value else "x"
    aim = "" if figure.aim is None else f" ({figure.aim:g}{unit})"
    return f"{'≥' if figure.more_is_better else '≤'} {figure.asked:g}{unit}{aim}"


def _met(figure: Figure) -> str:
    return {None: "", True: "yes", False: "**missed**"}[figure.met]
