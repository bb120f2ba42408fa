"""The page of `inspect` in a real browser."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from bdstr.masks import mask_png
from bdstr.parquet import to_parquet
from bdstr.schema import blank_row
from bdstr_builders.inspection import write_inspection

SHAPES = ((60, 80), (60, 80), (120, 40), (60, 80), (30, 120), (60, 80))
"""Height and width in px: of a tall photograph and a wide one among others."""


def row(number: int, shape: tuple[int, int]) -> dict[str, object]:
    pixels = np.random.default_rng(number).integers(0, 255, (*shape, 3), np.uint8)
    memory = io.BytesIO()
    Image.fromarray(pixels).save(memory, "PNG")
    return blank_row(f"{number:03}", memory.getvalue(), f"{number:03}.png", mask_png(pixels[..., 0] & 128))


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    root = tmp_path_factory.mktemp("inspect")
    (root / "data").mkdir()
    rows = [row(number, shape) for number, shape in enumerate(SHAPES)]
    (root / "data" / "train-00000-of-00001.parquet").write_bytes(to_parquet(rows))
    write_inspection(root, root / "inspect", len(SHAPES), 0)
    opened = browser.new_page()
    opened.goto((root / "inspect" / "index.html").as_uri())
    yield opened
    opened.close()


@pytest.mark.parametrize("width_px", [1280, 400])
def test_a_tall_photograph_among_wide_ones_tears_no_hole_and_keeps_its_form(
    page: Page, width_px: int
) -> None:
    page.set_viewport_size({"width": width_px, "height": 900})
    sizes = page.locator(".rows img").evaluate_all(
        "images => images.map(one => [one.clientWidth, one.clientHeight, getComputedStyle(one).objectFit])"
    )
    assert len(sizes) == len(SHAPES)
    assert {tuple(size) for size in sizes} == {(sizes[0][0], sizes[0][0], "contain")}
    assert page.locator("html").evaluate("html => html.scrollWidth <= innerWidth")


def test_the_page_is_dark_where_people_want_it_dark(page: Page) -> None:
    levels = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        levels.append(
            page.locator("body").evaluate(
                "body => [getComputedStyle(body).backgroundColor, getComputedStyle(body).color]"
                ".map(one => one.match(/[0-9]+/g).slice(0, 3).reduce((sum, level) => sum + +level, 0) / 3)"
            )
        )
    (light_ground, light_text), (dark_ground, dark_text) = levels
    assert light_ground - light_text > 150
    assert dark_text - dark_ground > 150
