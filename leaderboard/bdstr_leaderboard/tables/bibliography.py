"""The sources of a table as BibTeX."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from bdstr.scored import slug
from sodeval.outputs.latex import escape
from sodeval.printable import printable

from ..figure import Source
from .layout import Row, Table

_IN_URLS = ":/?#[]@!$&'()*+,;=%-._~"
"""What stays as it is; braces, which BibTeX counts, and backslashes do not."""


def cited(row: Row) -> list[Source]:
    """Where the figures of a method stand, each source once, in the order of the columns."""
    sources = [cell.figure.source for cell in row.cells if cell.figure]
    return list({_identity(source): source for source in sources}.values())


def keys_of(table: Table) -> Mapping[tuple[str, str], str]:
    """What a source is cited as, by its title and address: small letters, digits and hyphens."""
    keys: dict[tuple[str, str], str] = {}
    for row in table.rows:
        for source in cited(row):
            if _identity(source) not in keys:
                keys[_identity(source)] = _free(f"sod-{slug(source.title) or 'source'}", set(keys.values()))
    return keys


def key_of(source: Source, keys: Mapping[tuple[str, str], str]) -> str:
    """What a source of the table is cited as."""
    return keys[_identity(source)]


def to_bibtex(table: Table) -> str:
    r"""One ``@misc`` a source that the table cites, by key. ``\url`` is of the package url."""
    entries = sorted((key, title, url) for (title, url), key in keys_of(table).items())
    return "\n".join(_entry(*entry) for entry in entries)


def _entry(key: str, title: str, url: str) -> str:
    where = f"  howpublished = {{\\url{{{quote(url, safe=_IN_URLS)}}}}},\n" if url else ""
    name = _braceless(escape(printable(title)))
    # by `key` it is sorted and labelled, where nobody is named as its author
    return f"@misc{{{key},\n  key = {{{key}}},\n  title = {{{{{name}}}}},\n{where}}}\n"


def _braceless(latex: str) -> str:
    """BibTeX counts braces that LaTeX would not."""
    return latex.replace(r"\{", r"\textbraceleft{}").replace(r"\}", r"\textbraceright{}")


def _identity(source: Source) -> tuple[str, str]:
    return source.title, source.url


def _free(key: str, taken: set[str]) -> str:
    return next(
        each for each in (key, *(f"{key}-{n}" for n in range(2, len(taken) + 3))) if each not in taken
    )
