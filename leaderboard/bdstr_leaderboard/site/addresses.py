"""Where the page of each method is, and the proof of each entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bdstr.scored import slug

from ..board import Board
from ..figure import Method


def addresses_of(board: Board) -> Mapping[str, str]:
    """Title of a method -> its page, from the root of the site; no two share one."""
    return _addresses(method for method, _ in board.methods.values())


def proof_of(page: str, benchmark: str) -> str:
    """The file of what was measured of a method on a benchmark, from the root of the site.

    Example:
        >>> proof_of("methods/minet.html", "DUTS-TE")
        'entries/minet--duts-te.json'
    """
    return f"entries/{page.removeprefix('methods/').removesuffix('.html')}--{slug(benchmark)}.json"


def _addresses(methods: Iterable[Method]) -> dict[str, str]:
    """Several titles may differ in signs alone that no file name has.

    Example:
        >>> _addresses([Method(name="A", supervision="full"), Method(name="(A)", supervision="full")])
        {'A': 'methods/a.html', '(A)': 'methods/a-2.html'}
    """
    found: dict[str, str] = {}
    for method in methods:
        name, number = method.slug, 2
        while f"methods/{name}.html" in found.values():
            name, number = f"{method.slug}-{number}", number + 1
        found[method.title] = f"methods/{name}.html"
    return found
