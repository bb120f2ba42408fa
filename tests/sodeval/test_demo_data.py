"""The demo's photographs, masks and methods."""

from __future__ import annotations

import socket
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sodeval.demo.files import DemoFolders, write_demo
from sodeval.demo.photographs import Photograph, Polygon, draw_mask, load_pixels, read_photographs
from sodeval.demo.saliency import METHODS, frequency_tuned, robust_background
from sodeval.errors import ImageError, MissingExtraError

PHOTOGRAPHS = {photograph.key: photograph for photograph in read_photographs()}
FREE_LICENCES = {"public domain", "CC0-1.0", "CC-BY-2.0"}
GROUND, DISC = (40, 60, 160), (230, 180, 30)

each_photograph = pytest.mark.parametrize("photograph", PHOTOGRAPHS.values(), ids=PHOTOGRAPHS)
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


def disc_on_plain_ground(size: int = 160, radius: int = 35) -> tuple[np.ndarray, np.ndarray]:
    """A photo, and where the disc is well inside or well outside (1, 0; 2 near its edge)."""
    photo = np.full((size, size, 3), GROUND, np.uint8)
    cv2.circle(photo, (size // 2, size // 2), radius, DISC, -1)
    y, x = np.indices((size, size)) - size // 2
    distance = np.hypot(x, y)
    return photo, np.select([distance < radius - 5, distance > radius + 5], [1, 0], 2)


# --- the annotations ------------------------------------------------------------------------------


def test_keys_are_unique_and_sorted() -> None:
    keys = [photograph.key for photograph in read_photographs()]
    assert keys == sorted(set(keys))
    assert 6 <= len(keys) <= 8


@each_photograph
def test_every_photograph_names_its_author_source_and_a_free_licence(photograph: Photograph) -> None:
    assert photograph.licence in FREE_LICENCES
    assert photograph.author
    assert photograph.source


@each_photograph
def test_every_text_is_a_short_phrase(photograph: Photograph) -> None:
    assert 3 <= len(photograph.text.split()) <= 15
    assert photograph.text.startswith(("a ", "an "))
    assert not photograph.text.endswith(".")


@each_photograph
def test_every_outline_lies_inside_its_photograph(photograph: Photograph) -> None:
    for polygon in photograph.polygons:
        for ring in (polygon.outline, *polygon.holes):
            assert len(ring) >= 3
            assert all(0 <= x < photograph.width_px and 0 <= y < photograph.height_px for x, y in ring)


@each_photograph
def test_every_box_is_the_bounding_box_of_its_mask(photograph: Photograph) -> None:
    x, y, width, height = cv2.boundingRect(draw_mask(photograph))
    assert photograph.box == (x, y, x + width, y + height)


@each_photograph
def test_no_hole_is_drawn_outside_its_outline(photograph: Photograph) -> None:
    for polygon in photograph.polygons:
        outline = np.array(polygon.outline, np.float32)
        for hole in polygon.holes:
            assert all(cv2.pointPolygonTest(outline, (float(x), float(y)), False) > 0 for x, y in hole)


# --- masks ----------------------------------------------------------------------------------------


def with_polygons(*polygons: Polygon) -> Photograph:
    return replace(PHOTOGRAPHS["rocket"], width_px=6, height_px=5, polygons=polygons)


def square(left: int, top: int, right: int, bottom: int) -> tuple[tuple[int, int], ...]:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def test_a_mask_holds_its_border_and_is_open_in_its_holes() -> None:
    mask = draw_mask(with_polygons(Polygon(square(1, 1, 5, 4), holes=(square(2, 2, 3, 3),))))
    expected = [
        [0, 0, 0, 0, 0, 0],
        [0, 255, 255, 255, 255, 255],
        [0, 255, 0, 0, 255, 255],
        [0, 255, 0, 0, 255, 255],
        [0, 255, 255, 255, 255, 255],
    ]
    assert mask.tolist() == expected


def test_polygons_that_overlap_are_united() -> None:
    mask = draw_mask(with_polygons(Polygon(square(0, 0, 3, 4)), Polygon(square(2, 0, 5, 4))))
    assert (mask == 255).all()


# --- photographs ----------------------------------------------------------------------------------


@each_photograph
def test_every_photograph_is_on_disk(photograph: Photograph, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a photograph was looked for on the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    pixels = load_pixels(photograph)
    assert pixels.shape == (photograph.height_px, photograph.width_px, 3)
    assert pixels.dtype == np.uint8


def test_a_grey_photograph_has_three_equal_channels() -> None:
    pixels = load_pixels(PHOTOGRAPHS["cameraman"])
    assert (pixels == pixels[:, :, :1]).all()


@pytest.mark.parametrize(
    ("key", "module", "package"),
    [("cat", "skimage", "scikit-image"), ("pagoda", "sklearn.datasets", "scikit-learn")],
)
def test_a_package_that_is_absent_is_named_with_the_extra(
    key: str, module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"^{package} is not installed.*\.\[demo\]"):
        load_pixels(PHOTOGRAPHS[key])


@pytest.mark.parametrize("key", ["cat", "pagoda"])
def test_a_picture_that_the_package_does_not_carry_is_refused_by_name(key: str) -> None:
    with pytest.raises(
        ImageError, match=r"scikit-\w+: nothing\.jpg: this version .* does not carry it"
    ) as caught:
        load_pixels(replace(PHOTOGRAPHS[key], name="nothing.jpg"))
    assert caught.value.kind == "missing"


def test_another_picture_under_the_same_name_is_refused() -> None:
    with pytest.raises(ImageError, match=r"its shape is \(300, 451, 3\).* \(300, 450, 3\)") as caught:
        load_pixels(replace(PHOTOGRAPHS["cat"], width_px=450))
    assert caught.value.kind == "other-picture"


# --- methods --------------------------------------------------------------------------------------


@each_method
def test_a_disc_of_another_colour_is_found(method) -> None:
    photo, disc = disc_on_plain_ground()
    saliency = method(photo)
    assert saliency[disc == 1].min() >= 250
    assert saliency[disc == 0].max() <= 60


def test_frequency_tuned_weighs_two_colours_by_how_rare_each_is() -> None:
    # The mean lies at a share a of the way to the disc's colour, a being the disc's share of the area.
    # So the ground is a away from it and the disc 1 - a; the blurred edge between them passes by the mean.
    photo, disc = disc_on_plain_ground()
    share = (photo == DISC).all(axis=2).mean()
    saliency = frequency_tuned(photo)
    assert (saliency[disc == 1] == 255).all()
    assert np.ptp(saliency[disc == 0]) == 0
    assert saliency[0, 0] == pytest.approx(255 * share / (1 - share), abs=3)


def test_robust_background_passes_over_a_region_that_leans_on_the_border() -> None:
    photo, disc = disc_on_plain_ground(size=200)
    photo[:40] = (20, 200, 60)
    saliency = robust_background(photo)
    assert saliency[disc == 1].mean() > 200
    assert saliency[:35].mean() < 60


@each_method
@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (17, 130, 201)])
def test_a_constant_photograph_has_a_constant_map(method, colour: tuple[int, int, int]) -> None:
    assert not method(np.full((60, 90, 3), colour, np.uint8)).any()


@each_method
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 40, 3), (3, 2, 3)])
def test_the_smallest_photographs_have_maps_too(method, shape: tuple[int, int, int]) -> None:
    photo = np.random.default_rng(7).integers(0, 256, shape, np.uint8)
    assert method(photo).shape == shape[:2]


@settings(max_examples=25)
@given(arrays(np.uint8, st.tuples(st.integers(6, 24), st.integers(6, 24), st.just(3))))
def test_frequency_tuned_of_a_mirrored_photograph_is_the_mirrored_map(photo: np.ndarray) -> None:
    mirrored = frequency_tuned(np.ascontiguousarray(photo[:, ::-1]))[:, ::-1].astype(int)
    assert np.abs(frequency_tuned(photo) - mirrored).max() <= 1


def test_superpixels_without_scikit_image_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage.segmentation", None)
    with pytest.raises(MissingExtraError, match="scikit-image"):
        robust_background(disc_on_plain_ground()[0])


# --- the folders ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoFolders:
    return write_demo(tmp_path_factory.mktemp("demo"))


def test_every_folder_holds_one_png_a_photograph_and_nothing_else(demo: DemoFolders) -> None:
    for folder in (demo.photos, demo.gt, *demo.maps.values()):
        assert sorted(path.name for path in folder.iterdir()) == [f"{key}.png" for key in PHOTOGRAPHS]


@each_photograph
def test_what_is_written_reads_back_as_it_was(demo: DemoFolders, photograph: Photograph) -> None:
    file = f"{photograph.key}.png"
    photo = cv2.imread(str(demo.photos / file), cv2.IMREAD_UNCHANGED)
    assert (photo[:, :, ::-1] == load_pixels(photograph)).all()
    mask = cv2.imread(str(demo.gt / file), cv2.IMREAD_UNCHANGED)
    assert (mask == draw_mask(photograph)).all()
    for folder in demo.maps.values():
        saliency = cv2.imread(str(folder / file), cv2.IMREAD_UNCHANGED)
        assert saliency.shape == mask.shape
        assert (saliency.min(), saliency.max()) == (0, 255)


def test_the_same_demo_has_the_same_bytes(demo: DemoFolders, tmp_path: Path) -> None:
    again = write_demo(tmp_path)
    first_root = demo.gt.parent
    files = sorted(path.relative_to(first_root) for path in first_root.rglob("*.png"))
    assert len(files) == len(PHOTOGRAPHS) * (2 + len(METHODS))
    assert [
        path for path in files if (first_root / path).read_bytes() != (tmp_path / path).read_bytes()
    ] == []
    assert again.maps.keys() == METHODS.keys()


def test_progress_is_told_before_each_photograph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sodeval.demo.files._write_photograph", lambda *_: None)
    told = []
    write_demo(tmp_path, lambda *progress: told.append(progress))
    assert told == [(key, done, len(PHOTOGRAPHS)) for done, key in enumerate(PHOTOGRAPHS)]


def test_the_masks_fit_what_the_better_method_finds(demo: DemoFolders) -> None:
    for key in ("dahlia", "rocket"):  # plain grounds, where contrast alone finds the outline
        saliency = cv2.imread(str(demo.maps["RBD"] / f"{key}.png"), cv2.IMREAD_UNCHANGED)
        assert np.abs(saliency / 255 - draw_mask(PHOTOGRAPHS[key]) / 255).mean() < 0.1
