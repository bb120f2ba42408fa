"""``gallery.html``: the best, median and worst images of each method in one file that needs nothing else."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

import numpy as np
from jaxtyping import Float64

from ..inputs.pairing import Pairing
from ..measures import in_order
from ..printable import printable
from ..protocol import Protocol
from ..report import PerImage, Report, Result
from .atomic import write_atomically
from .layout import Table, conventions, lay_out
from .thumbnails import Thumbnail, Thumbnails, find_photos, make_thumbnails

_RANKED_BY = "S"
_EACH = 3
_SIDE_PX, _SMALL_SIDE_PX = 240, 160
_MANY = 24
"""More results than this get the smaller pictures, which keeps the file under about 5 MB."""


def write_gallery(report: Report, pairings: Mapping[str, Pairing], photos: Path | None, out: Path) -> None:
    """Writes `gallery_html` to a file.

    Raises:
        InputError: the folder of photographs cannot be read.
        OutputError: the file cannot be written.
    """
    write_atomically(out, gallery_html(report, pairings, photos))


def gallery_html(report: Report, pairings: Mapping[str, Pairing], photos: Path | None) -> str:
    """One page without scripts or links to elsewhere, for light and dark, wide and narrow screens.

    Args:
        report: its results; those without scores of their own images are named only.
        pairings: benchmark -> the files that were scored.
        photos: folder of the photographs, or of one such folder a benchmark; None where they are not at hand.

    Raises:
        InputError: the folder of photographs cannot be read.
    """
    page = Template((files(__package__) / "gallery.html").read_text("utf-8"))
    side_px = _SIDE_PX if len(report.results) <= _MANY else _SMALL_SIDE_PX
    sections = []
    for name, table in zip(report.benchmarks, lay_out(report, decimals=3), strict=True):
        found = None if photos is None else find_photos(photos, name)
        source = _Source(pairings.get(name, Pairing(name, {}, {}, {})), found, report.protocol, side_px)
        sections += _benchmark(report, name, table, source)
    return page.substitute(
        title=_text(f"sodeval: {', '.join(report.benchmarks)}"), body="\n".join(_head(report) + sections)
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the pictures of one benchmark come from; photos is None where nobody named a folder."""

    pairing: Pairing
    photos: Mapping[str, Path] | None
    protocol: Protocol
    side_px: int

    def thumbnails(self, method: str, key: str) -> Thumbnails:
        photo = (self.photos or {}).get(key)
        saliency_map = self.pairing.maps.get(method, {}).get(key)
        return make_thumbnails(photo, self.pairing.masks.get(key), saliency_map, self.protocol, self.side_px)


def _head(report: Report) -> list[str]:
    links = [
        f'<li><a href="#result-{i}">{_text(result.benchmark)}: {_text(result.method)}</a></li>'
        for i, result in enumerate(report.results)
    ]
    return [
        "<h1>Best, median and worst images</h1>",
        f'<p class="soft">{_text(conventions(report))}</p>',
        "<p>The images of each method are ranked by S-measure. The overlay is the map in orange over the "
        "grey photograph, or the map alone where there is none, with the outline of the ground truth in "
        "light blue.</p>",
        f'<nav aria-label="Methods"><ul>{"".join(links)}</ul></nav>',
    ]


def _benchmark(report: Report, name: str, table: Table, source: _Source) -> list[str]:
    lines = [f"<section><h2>{_text(name)}</h2>", *_score_table(table)]
    for i, result in enumerate(report.results):
        if result.benchmark == name:
            lines.append(f'<details open id="result-{i}"><summary><h3>{_text(result.method)}</h3></summary>')
            lines += [*_method(result, source), "</details>"]
    return [*lines, "</section>"]


def _score_table(table: Table) -> list[str]:
    heads = [
        f'<th scope="col"><abbr title="{m.summary}">{m.title}</abbr> {m.arrow}</th>' for m in table.columns
    ]
    label = f"Scores on {_text(table.benchmark)}"
    lines = [
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table>',
        f'<tr><th scope="col">Method</th>{"".join(heads)}</tr>',
    ]
    for row in table.rows:
        cells = "".join(f'<td class="mark{cell.mark}">{cell.text}</td>' for cell in row.cells)
        lines.append(f'<tr><th scope="row">{_text(row.name)}{" *" * row.partial}</th>{cells}</tr>')
    return [*lines, "</table></div>", *(f'<p class="soft">{_text(note)}</p>' for note in table.notes)]


def _method(result: Result, source: _Source) -> list[str]:
    per_image = result.per_image
    if per_image is None or not per_image.keys or _RANKED_BY not in per_image.values:
        return ["<p>None of its images were scored.</p>"]
    lines = []
    for title, places in choose(per_image.values[_RANKED_BY]).items():
        lines += [f"<h4>{title}</h4>", '<ul class="images">']
        lines += [_image(result.method, per_image, place, source) for place in places]
        lines.append("</ul>")
    return lines


def choose(scores: Float64[np.ndarray, "n"]) -> dict[str, list[int]]:
    """Where the best, median and worst images stand: three of each, or all where there are no more than nine.

    Args:
        scores: one an image, higher is better; NaN is left out. Equal ones keep their order.

    Example:
        >>> choose(np.array([0.1, 0.3, np.nan, 0.2]))
        {'All, best first': [1, 3, 0]}
        >>> choose(np.arange(11.0))
        {'Best': [10, 9, 8], 'Median': [6, 5, 4], 'Worst': [0, 1, 2]}
    """
    order = np.argsort(-scores, kind="stable").tolist()[: int(np.isfinite(scores).sum())]  # NaN sorts last
    if len(order) <= 3 * _EACH:
        return {"All, best first": order}
    middle = (len(order) - _EACH) // 2
    return {
        "Best": order[:_EACH],
        "Median": order[middle : middle + _EACH],
        "Worst": order[: -_EACH - 1 : -1],
    }


def _image(method: str, per_image: PerImage, place: int, source: _Source) -> str:
    key = per_image.keys[place]
    scores = "".join(
        f"<div><dt>{m.title}</dt><dd>{per_image.values[m.name][place]:.3f}</dd></div>"
        for m in in_order(per_image.values.keys())
    )
    views = "".join(_view(caption, picture, key) for caption, picture in _pictures(method, key, source))
    return f'<li><p class="name">{_text(key)}</p><dl>{scores}</dl><div class="views">{views}</div></li>'


def _pictures(method: str, key: str, source: _Source) -> Iterator[tuple[str, Thumbnail]]:
    made = source.thumbnails(method, key)
    if source.photos is not None:
        yield "Photograph", made.photo
    yield "Ground truth", made.gt
    yield "Saliency map", made.saliency
    yield "Overlay", made.overlay


def _view(caption: str, picture: Thumbnail, key: str) -> str:
    shown = f'<div class="none">{_text(picture.reason)}</div>'
    if picture.address:
        size = f'width="{picture.width_px}" height="{picture.height_px}"'
        shown = f'<img src="{picture.address}" alt="{caption} of {_text(key)}" {size} decoding="async">'
    return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>"


def _text(name: str) -> str:
    return html.escape(printable(name))
