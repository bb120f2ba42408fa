"""The folder that ``--out`` names: a report as files, and back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ..errors import ReportError
from ..inputs.pairing import Pairing
from ..report import Report
from .atomic import write_atomically
from .curves_npz import curves_npz, with_curves
from .per_image_csv import per_image_csv, with_per_image
from .report_json import digests_from_json, report_from_json, to_json_text

REPORT, PER_IMAGE, CURVES = "report.json", "per_image.csv", "curves.npz"
VIEWS = ("table.md", "table.tex", "pr.svg", "f.svg", "e.svg", "gallery.html")
"""Written after the report, and made from it."""


def write_report(
    report: Report,
    out: str | os.PathLike[str],
    pairings: Mapping[str, Pairing] | None = None,
    photos: Path | None = None,
) -> list[Path]:
    """Writes every output of a report, each file whole or not at all: the numbers first, then their views.

    Args:
        report: what was found.
        out: the folder; made where there is none.
        pairings: benchmark -> the files that were scored; without them there is no gallery.
        photos: folder of the photographs, for the gallery.

    Returns:
        The files, in the order in which they were written.

    Raises:
        OutputError: a file cannot be written.
    """
    out = Path(out)
    written: list[Path] = []
    digests: dict[str, str] = {}
    for name, make in _makers(report, pairings, photos).items():
        content = to_json_text(report, digests) if name == REPORT else make()
        write_atomically(out / name, content)
        written.append(out / name)
        if name in (PER_IMAGE, CURVES):
            digests[name] = _digest(content)
    return written


def _makers(
    report: Report, pairings: Mapping[str, Pairing] | None, photos: Path | None
) -> dict[str, Callable[[], bytes | str]]:
    from . import plots, tables

    makers: dict[str, Callable[[], bytes | str]] = {
        PER_IMAGE: lambda: per_image_csv(report).encode("utf-8", "surrogatepass"),
        CURVES: lambda: curves_npz(report),
        REPORT: lambda: to_json_text(report),  # after those that it names by digest
        "table.md": lambda: tables.to_markdown(report),
        "table.tex": lambda: tables.to_latex(report),
        **{name: partial(plots.plot_svg, report, plot) for name, plot in plots.FILES.items()},
    }
    if pairings is not None:
        from .gallery import gallery_html

        makers["gallery.html"] = lambda: gallery_html(report, pairings, photos)
    return makers


def read_report(path: str | os.PathLike[str]) -> Report:
    """Reads a report with what lies beside it.

    Args:
        path: ``report.json`` or its folder. Where ``per_image.csv`` or ``curves.npz`` is not beside it, the
            results have no images of their own or no curves.

    Raises:
        ReportError: a file cannot be read, or the files do not belong together.
    """
    file = Path(path) / REPORT if Path(path).is_dir() else Path(path)
    text = _text(_read(file), file)
    report, digests = report_from_json(text, file), digests_from_json(text, file)
    per_image, curves = file.with_name(PER_IMAGE), file.with_name(CURVES)
    if per_image.exists():
        report = with_per_image(report, _text(_read_part(per_image, digests), per_image), per_image)
    return with_curves(report, _read_part(curves, digests), curves) if curves.exists() else report


def _digest(content: bytes | str) -> str:
    data = content.encode() if isinstance(content, str) else content
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _read_part(file: Path, digests: Mapping[str, str]) -> bytes:
    """A file beside ``report.json``: each is whole, but a run that was killed may have written one alone."""
    data = _read(file)
    if digests.get(file.name) not in (None, _digest(data)):
        raise ReportError(
            f"{file} is not what {REPORT} beside it was written with, but another run's; "
            "expected the files of one run: run again"
        )
    return data


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ReportError(
            f"{file} cannot be read: {error.strerror}; expected what sodeval run --out writes"
        ) from error


def _text(data: bytes, file: Path) -> str:
    try:
        return data.decode("utf-8-sig", "surrogatepass")
    except UnicodeError as error:
        raise ReportError(
            f"{file} is no UTF-8 text ({error}); expected what sodeval run --out writes"
        ) from error
