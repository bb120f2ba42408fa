"""Boards made up for tests: lines of published.csv, figures, and reports that sodeval computed."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bdstr_leaderboard.board import Board
from bdstr_leaderboard.figure import Figure, Method, Source
from bdstr_leaderboard.published import COLUMNS
from sodeval import PerImage, Report, Result, evaluate
from sodeval.curves import confusions, curve_rates
from sodeval.outputs.curves_npz import curves_npz
from sodeval.outputs.per_image_csv import per_image_csv
from sodeval.outputs.report_json import to_json_text
from sodeval.protocol import PYSODMETRICS
from sodeval.tally import summarise

USUAL_LINE = {
    "method": "MINet",
    "supervision": "full",
    "benchmark": "ECSSD",
    "printed": "MAE",
    "measure": "MAE",
    "value": "0.033",
    "origin": "authors",
    "convention": "usual",
    "source_url": "https://example.org/minet",
    "source_place": "Table 1",
}
HOSTILE = [
    "<script>alert(1)</script>",
    r"\input{/etc/passwd}",
    "a & b_{c} % $d$ # ~ ^",
    "[x](javascript:y)|`z`",
]


def write_csv(file: Path, columns: Sequence[str], lines: Sequence[Mapping[str, str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, restval="")
        writer.writeheader()
        writer.writerows(lines)
    return file


def write_published(folder: Path, *changes: Mapping[str, str]) -> Path:
    """``published.csv`` of lines that differ from a usual one as told."""
    folder.mkdir(exist_ok=True)
    return write_csv(folder / "published.csv", COLUMNS, [USUAL_LINE | change for change in changes])


def figure_of(name: str, value: float, **changes: Any) -> Figure:
    """An ordinary published figure."""
    method = Method(name=name, supervision=changes.pop("supervision", "full"))
    url = changes.pop("url", "https://example.org/paper")
    usual: dict[str, Any] = {
        "benchmark": "ECSSD",
        "measure": "MAE",
        "printed": "MAE",
        "origin": "authors",
        "convention": "usual",
        "source": Source(url.rpartition("/")[2], url),
    }
    return Figure(method=method, value=value, **(usual | changes))


def board_of(*figures: Figure, **more: Any) -> Board:
    return Board(figures, (), **more)


def write_numbers(report: Report, folder: Path) -> Path:
    """What `write_report` writes, without the pictures, which take longer than all the rest."""
    parts = {"per_image.csv": per_image_csv(report).encode(), "curves.npz": curves_npz(report)}
    digests = {name: hashlib.blake2b(content, digest_size=16).hexdigest() for name, content in parts.items()}
    for name, content in (parts | {"report.json": to_json_text(report, digests).encode()}).items():
        (folder / name).write_bytes(content)
    return folder


def larger(result: Result, benchmark: str, images: int) -> Result:
    """The result that more such images have on another benchmark: those that there are, over and over."""
    assert result.per_image
    assert result.per_image.counts is not None
    at = np.arange(images) % result.images
    per_image = PerImage(
        tuple(f"{i:05}" for i in range(images)),
        {name: values[at] for name, values in result.per_image.values.items()},
        result.per_image.counts[at],
    )
    rates = curve_rates(PYSODMETRICS.f_beta2)
    curves = {name: rate(confusions(per_image.counts)).mean(axis=0) for name, rate in rates.items()}
    return replace(
        result,
        benchmark=benchmark,
        images=images,
        expected=images,
        scores=summarise(per_image, curves, PYSODMETRICS),
        per_image=per_image,
        curves=curves,
    )


def scored() -> Report:
    """Two methods that sodeval scored on 300 images, as many as SOD has: Near is better than Far."""
    random = np.random.default_rng(5)
    masks, near, far = {}, {}, {}
    for i in range(300):
        mask = np.zeros((12, 14), bool)
        top, left = random.integers(0, 6, 2)
        mask[top : top + 6, left : left + 7] = True
        masks[f"{i:04}"] = mask
        near[f"{i:04}"] = 0.4 * mask + 0.6 * random.random(mask.shape)
        far[f"{i:04}"] = 0.3 * mask + 0.7 * random.random(mask.shape)
    return evaluate(masks, {"Near": near, "Far": far}, benchmark="SOD")
