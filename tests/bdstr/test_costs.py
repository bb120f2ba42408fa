"""The page of costs: what its script writes, from figures that add up."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def costs() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "costs.py"))


def test_the_page_is_what_the_script_writes_from_what_was_measured(costs: dict[str, Any]) -> None:
    written = (ROOT / "docs" / "costs.md").read_text("utf-8")
    assert written == costs["text"](costs["read"]()), "run python docs/costs.py"
    assert "No GPU has run any of it yet" in " ".join(written.split())


def test_the_tables_follow_from_the_figures(costs: dict[str, Any]) -> None:
    measured = {"photographs": 100, "cpu_seconds": 36.0, "rows": 90, "stored_bytes": 90 * 21_000}
    page = costs["text"](measured | {"image_bytes": 90 * 16_000, "run_length_bytes": 0})
    assert "| 260,000 | `bds-tr` | 2.5 h | 1.6 h | 1.3 h |" in page  # 260,000 x 6.96 / (0.25 x 800) / 3600
    assert "**Measured: 0.36 s of one core a photograph**" in page
    assert "260,000 take 26 core hours" in " ".join(page.split())
    assert "| 260,000 | 16 kB | 5.5 GB | 520 | 10.5 MB | 52 |" in page  # 260,000 x 21 kB


def test_a_folder_is_measured_to_the_figures_of_the_page(costs: dict[str, Any], tmp_path: Path) -> None:
    import numpy as np
    from PIL import Image

    for i in range(3):
        photo = np.random.default_rng(i).integers(0, 99, (6, 8, 3), np.uint8).repeat(10, 0).repeat(10, 1)
        photo[20:40, 20:50] = 220
        Image.fromarray(photo).save(tmp_path / f"{i}.png")
    measured = costs["measure"](tmp_path, 2)
    assert (measured["photographs"], measured["rows"]) == (2, 2)
    assert measured["image_bytes"] == sum((tmp_path / f"{i}.png").stat().st_size for i in range(2))
    assert measured["image_bytes"] < measured["stored_bytes"]
    assert costs["text"](measured).startswith("# What large datasets cost")
