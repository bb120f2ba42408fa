"""The page that links everything a journey made."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from urllib.parse import quote

from .steps import Places
from .travel import Taken, typed

PAGE = "index.html"
PICTURES: Mapping[str, Callable[[Places], Path]] = {
    "Photograph": lambda at: at.photos,
    "Outlined by hand": lambda at: at.gt,
    "RBD, 2014": lambda at: at.maps("RBD"),
    "tiny": lambda at: at.maps("tiny"),
    "tiny, after two minutes": lambda at: at.maps("tiny-demo"),
}
"""The columns of the page's pictures, and where they lie."""


def journey_page(places: Places, taken: Sequence[Taken], left_out: str = "") -> str:
    """One page without scripts, for light and dark, wide and narrow screens.

    Args:
        places: where things are; links are relative to their folder.
        taken: what was done.
        left_out: why some of it was not, if so.
    """
    page = Template((files(__package__) / "page.html").read_text("utf-8"))
    return page.substitute(
        note=f'<p class="note">{html.escape(left_out)}</p>' if left_out else "",
        pictures=_pictures(places),
        steps="\n".join(_step(number, each, places.out) for number, each in enumerate(taken, 1)),
        seconds=f"{sum(each.seconds for each in taken):.0f}",
    )


def _pictures(places: Places) -> str:
    columns = {title: folder(places) for title, folder in PICTURES.items() if folder(places).is_dir()}
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in columns)
    keys = sorted(file.name for file in places.photos.glob("*.png"))
    rows = "\n".join(
        f'<tr><th scope="row">{html.escape(Path(key).stem)}</th>'
        + "".join(_picture(folder / key, title, places.out) for title, folder in columns.items())
        + "</tr>"
        for key in keys
    )
    return f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>"


def _picture(file: Path, title: str, out: Path) -> str:
    alt = html.escape(f"{title}: {file.stem}")
    return f'<td><img loading="lazy" src="{_link(file, out)}" alt="{alt}"></td>'


def _step(number: int, taken: Taken, out: Path) -> str:
    step = taken.step
    made = ", ".join(_made(path, out) for path in step.made if path.exists())
    return "\n".join(
        (
            f'<section id="step-{number}">',
            f"<h2><span>{number}</span> {html.escape(step.title)} <small>{taken.seconds:.1f} s</small></h2>",
            f"<p>{html.escape(step.why)}</p>",
            f'<pre class="typed"><code>$ {html.escape(typed(step.command))}</code></pre>',
            f"<pre><samp>{html.escape(taken.said)}</samp></pre>" if taken.said else "",
            f"<p>Made: {made}</p>" if made else "",
            "</section>",
        )
    )


def _made(path: Path, out: Path) -> str:
    return f'<a href="{_link(path, out)}">{html.escape(os.path.relpath(path, out))}</a>'


def _link(path: Path, out: Path) -> str:
    return html.escape(quote(Path(os.path.relpath(path, out)).as_posix()))
