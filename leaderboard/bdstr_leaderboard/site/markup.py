"""HTML from text that anybody may have written: every word is escaped, every address looked at."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template

from sodeval._version import __version__
from sodeval.printable import printable

TITLE = "Salient object detection: what was measured, by whom, under which convention"
SECTIONS = {
    "index.html": "Figures",
    "charts.html": "Charts",
    "conventions.html": "Conventions",
    "record.html": "On record",
}
"""Page -> what the menu calls it."""


@dataclass(frozen=True, slots=True)
class Html:
    """Text that is HTML already."""

    text: str


Content = str | Html


def text(content: Content) -> str:
    """The content as HTML.

    Example:
        >>> text("<b>"), text(Html("<b>"))
        ('&lt;b&gt;', '<b>')
    """
    return content.text if isinstance(content, Html) else html.escape(printable(content))


def link(address: str, words: str, note: str = "") -> Html:
    """A link to elsewhere, or the words alone where the address is none of the web.

    Args:
        address: of another site.
        words: what is shown.
        note: what a reader sees who points at it.

    Example:
        >>> link("javascript:alert(1)", "paper").text
        'paper'
    """
    if not address.startswith(("https://", "http://")):
        return Html(text(words))
    title = f' title="{text(note)}"' if note else ""
    return Html(f'<a href="{text(address)}"{title} target="_blank" rel="noopener">{text(words)}</a>')


def table(
    caption: str, head: Sequence[Content], rows: Iterable[Sequence[Content]], kind: str = "words"
) -> Html:
    """A table that scrolls by itself where the screen is narrow.

    Args:
        caption: what it holds.
        head: of its columns.
        rows: the first cell of each is its heading.
        kind: ``words`` or ``numbers``, which stand to the right.
    """
    heads = "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{text(first)}</th>{"".join(f"<td>{text(cell)}</td>" for cell in rest)}</tr>\n'
        for first, *rest in rows
    )
    return Html(
        f'<div class="scroll" tabindex="0" role="region" aria-label="{text(caption)}"><table class="{kind}">'
        f"<caption>{text(caption)}</caption><thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )


def template(filename: str, /, **parts: str) -> Html:
    """A file of ``templates``, with its parts, which are HTML already."""
    file = resources.files(__package__) / "templates" / filename
    return Html(Template(file.read_text("utf-8")).substitute(parts))


def definitions(pairs: Iterable[tuple[str, Content]]) -> Html:
    """Names and what is said of each; those of which nothing is said are left away."""
    said = [(name, text(content)) for name, content in pairs]
    items = "".join(f"<div><dt>{text(name)}</dt><dd>{words}</dd></div>\n" for name, words in said if words)
    return Html(f'<dl class="facts">\n{items}</dl>')


def page(path: str, title: str, body: Iterable[Content], scripts: Sequence[str] = ()) -> bytes:
    """A page of the site.

    Args:
        path: where it will be, from the root of the site.
        title: its heading.
        body: its paragraphs, tables and so on.
        scripts: which it runs, from the root of the site, in this order.
    """
    root = "../" * path.count("/")
    name = title if title == TITLE else f"{title} · Salient object detection"
    return template(
        "page.html",
        title=text(title),
        name=text(name),
        root=root,
        menu="".join(_menu(path, root)),
        body="\n".join(map(text, body)),
        scripts="".join(f'<script src="{root}{script}" defer></script>\n' for script in scripts),
        version=text(__version__),
    ).text.encode()


def _menu(path: str, root: str) -> Iterable[str]:
    for target, words in SECTIONS.items():
        here = ' aria-current="page"' if target == path else ""
        yield f'<li><a href="{root}{target}"{here}>{words}</a></li>'
