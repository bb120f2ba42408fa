"""A dataset as a page: some rows with mask, boxes and texts, and how its figures are spread."""

from __future__ import annotations

import base64
import html
import io
import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from bdstr.errors import DatasetError
from sodeval.outputs.atomic import write_atomically

from .sheet import Pixels, Row, contact_sheet, draw, text_of
from .spread import figures_png, spread_of


def write_inspection(dataset: Path, out: Path, sample: int, seed: int) -> list[Path]:
    """Writes ``index.html``, ``sheet.png`` and ``figures.png``.

    Raises:
        DatasetError: the folder holds no rows.
        OutputError: a file cannot be written.
    """
    import pyarrow.parquet as pq

    files = sorted(dataset.glob("data/*.parquet"))
    counts = [pq.ParquetFile(file).metadata.num_rows for file in files]
    total = sum(counts)
    if not total:
        raise DatasetError(f"{dataset}: no rows in data/*.parquet; expected what `bdstr generate` writes")
    picked = sorted(random.Random(seed).sample(range(total), min(sample, total)))
    rows = _rows_at(files, counts, picked)
    pictures, figures = [draw(row) for row in rows], figures_png(spread_of(files))
    sheet = _encoded(contact_sheet(pictures, [text_of(row) for row in rows]), "PNG")
    page = _page(dataset.resolve().name, total, list(map(_figure, rows, pictures)), figures)
    for name, data in (("sheet.png", sheet), ("figures.png", figures), ("index.html", page)):
        write_atomically(out / name, data)
    return [out / name for name in ("index.html", "sheet.png", "figures.png")]


def _rows_at(files: Sequence[Path], counts: Sequence[int], places: Sequence[int]) -> list[Row]:
    import pyarrow.parquet as pq

    rows, start = [], 0
    for file, count in zip(files, counts, strict=True):
        here = [place - start for place in places if start <= place < start + count]
        if here:
            rows += pq.read_table(file).take(here).to_pylist()
        start += count
    return rows


def _encoded(image: Image.Image, kind: str) -> bytes:
    memory = io.BytesIO()
    image.save(memory, kind, quality=88)
    return memory.getvalue()


def _source(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _figure(row: Row, picture: Pixels) -> str:
    """A row as HTML: its picture, what is said of it, its key and figures."""
    source = _source(_encoded(Image.fromarray(picture), "JPEG"), "jpeg")
    text = " ".join((row["caption"] or row["phrase"] or "").split())
    key = html.escape(row["key"])
    return (
        f'<figure><img alt="{key}" src="{source}"><figcaption>{html.escape(text)}'
        f"<small>{key}</small><small>{_boxes(len(row['instances']))}, {_area(row)}</small>"
        "</figcaption></figure>"
    )


def _boxes(count: int) -> str:
    return "1 box" if count == 1 else f"{count} boxes"


def _area(row: Row) -> str:
    area = row["quality"]["area"]
    return "area not measured" if area is None else f"area {area:.3f}"


def _page(name: str, total: int, drawn: Sequence[str], figures: bytes) -> str:
    listed = "\n".join(drawn)
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{html.escape(name)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; --ground: #fff; --tile: #f2f2f2; --text: #222; --more: #595959 }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #161616; --tile: #262626; --text: #ddd; --more: #a6a6a6 }}
}}
body {{ font: 15px/1.45 system-ui, sans-serif; color: var(--text); background: var(--ground) }}
body {{ margin: 2rem auto; max-width: 1180px; padding: 0 1rem; overflow-wrap: anywhere }}
img {{ max-width: 100% }}
.rows img {{ aspect-ratio: 1; background: var(--tile); object-fit: contain; width: 100% }}
.rows {{ display: grid; gap: 1.2rem .8rem; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)) }}
figure {{ margin: 0 }} figcaption {{ font-size: 14px }} small {{ color: var(--more); display: block }}
</style>
<h1>{html.escape(name)}</h1>
<p>{total:,} rows; {len(drawn):,} of them drawn: the mask in purple, boxes in orange.</p>
<div class="rows">
{listed}
</div>
<h2>Figures of all rows</h2>
<img alt="Histograms" src="{_source(figures, "png")}">
</html>
"""
