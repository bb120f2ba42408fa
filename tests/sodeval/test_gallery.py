"""``gallery.html``: the right images, harmless names, and a page whatever happened to the files."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sodeval.errors import InputError
from sodeval.inputs.pairing import Pairing
from sodeval.outputs.gallery import choose, gallery_html, write_gallery
from sodeval.outputs.thumbnails import Thumbnail, find_photos, make_thumbnails
from sodeval.protocol import Protocol
from sodeval.report import Report, Result

MakeReport = Callable[..., Report]
MakeResult = Callable[..., Result]

ORIENTATION = 0x0112
BLACK, RED = (0, 0, 0), (255, 0, 0)


@dataclass
class Page(HTMLParser):
    """What a browser would make of the page."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def parse(html: str) -> Page:
    page = Page()
    page.feed(html)
    return page


def pixels(picture: Thumbnail) -> np.ndarray:
    data = base64.b64decode(picture.address.removeprefix("data:image/webp;base64,"))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def save(path: Path, values: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), values)
    return path


def square(side: int = 20) -> np.ndarray:
    values = np.zeros((30, 40), np.uint8)
    values[5 : 5 + side, 5 : 5 + side] = 255
    return values


@pytest.fixture
def scored(
    tmp_path: Path, make_report: MakeReport, make_result: MakeResult
) -> tuple[Report, dict[str, Pairing]]:
    """Twelve images of one method on one benchmark, and their files."""
    result = make_result(images=12)
    masks = {key: save(tmp_path / "gt" / f"{key}.png", square()) for key in result.per_image.keys}
    maps = {key: save(tmp_path / "maps" / f"{key}.png", square(15)) for key in result.per_image.keys}
    return make_report(result), {"ECSSD": Pairing("ECSSD", masks, {"Ours": maps}, {})}


# ---- which images -----------------------------------------------------------------------------------


def test_best_median_and_worst_of_a_hand_worked_list() -> None:
    scores = np.array([0.5, 0.9, np.nan, 0.1, 0.7, 0.3, 0.8, 0.2, 0.6, 0.4, 1.0])
    assert choose(scores) == {"Best": [10, 1, 6], "Median": [4, 8, 0], "Worst": [3, 7, 5]}


@given(st.lists(st.floats(0, 1) | st.just(np.nan), max_size=30))
def test_every_shown_image_is_shown_once_and_the_extremes_are_among_them(scores: list[float]) -> None:
    places = [place for group in choose(np.array(scores)).values() for place in group]
    defined = [score for score in scores if score == score]
    assert len(places) == len(set(places)) == min(9, len(defined))
    if defined:
        assert {min(defined), max(defined)} <= {scores[place] for place in places}


# ---- the page ---------------------------------------------------------------------------------------


def test_a_page_shows_nine_images_in_order_with_their_scores(
    scored: tuple[Report, dict[str, Pairing]],
) -> None:
    report, pairings = scored
    page = parse(gallery_html(report, pairings, None))
    per_image = report.results[0].per_image
    best = per_image.keys[int(per_image.values["S"].argmax())]
    worst = per_image.keys[int(per_image.values["S"].argmin())]
    named = [word for word in page.words if re.fullmatch(r"\d{4}", word)]
    assert len(named) == 9
    assert (named[0], named[6]) == (best, worst)
    assert f"{per_image.values['S'].max():.3f}" in page.words
    captions = [
        word for word in page.words if word in ("Photograph", "Ground truth", "Saliency map", "Overlay")
    ]
    assert captions == ["Ground truth", "Saliency map", "Overlay"] * 9


def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing(
    scored: tuple[Report, dict[str, Pairing]],
) -> None:
    page = parse(gallery_html(*scored, None))
    policy = {meta.get("http-equiv"): meta.get("content") for meta in page.all("meta")}
    assert policy["Content-Security-Policy"] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "form", "base"}
    assert all(image["src"].startswith("data:image/webp;base64,") for image in page.all("img"))
    assert all(link["href"].startswith("#") for link in page.all("a"))


def test_a_page_can_be_heard_and_walked_through(scored: tuple[Report, dict[str, Pairing]]) -> None:
    page = parse(gallery_html(*scored, None))
    assert len(page.all("img")) == 27
    assert all(
        re.fullmatch(r"(Ground truth|Saliency map|Overlay) of \d{4}", image["alt"])
        for image in page.all("img")
    )
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels == [1, 2, 3, 4, 4, 4]
    assert {link["href"] for link in page.all("a")} == {f"#{part['id']}" for part in page.all("details")}


HOSTILE = [
    "<script>alert(1)</script>",
    '"onload="x',
    "a&amp;b",
    "$title ${body} $",
    "显著性",
    "'><img src=x>",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_text_wherever_it_stands(
    name: str, tmp_path: Path, make_report: MakeReport, make_result: MakeResult
) -> None:
    result = make_result(name, name, images=1)
    result = replace(result, per_image=replace(result.per_image, keys=(name,)))
    mask, saliency_map = save(tmp_path / "gt.png", square()), tmp_path / "missing.png"
    pairings = {name: Pairing(name, {name: mask}, {name: {name: saliency_map}}, {})}
    report = make_report(result, protocol=Protocol(name=name))
    plain = make_report(replace(result, method="M", benchmark="B"))
    page, usual = parse(gallery_html(report, pairings, None)), parse(gallery_html(plain, {}, None))
    assert page.words.count(name) == 4  # two headings, a row of the table, an image
    assert [tag for tag, _ in page.tags if tag not in ("img", "div")] == [
        tag for tag, _ in usual.tags if tag not in ("img", "div")
    ]
    assert page.all("img")[0]["alt"] == f"Ground truth of {name}"


def test_incomplete_methods_are_said_on_the_page(incomplete_report: Report) -> None:
    page = parse(gallery_html(incomplete_report, {}, None))
    assert "No score for LeftOut: 2 maps missing." in page.words
    assert "Partial *" in page.words
    assert page.words.count("None of its images were scored.") == 1


def test_equal_reports_give_equal_pages(scored: tuple[Report, dict[str, Pairing]], tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        write_gallery(*scored, None, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_real_maps_and_photographs_take_a_fifth_of_a_megabyte_a_method(
    shared_data: Path, make_report: MakeReport, make_result: MakeResult
) -> None:
    ecssd, keys = shared_data / "ecssd", tuple(f"{i:04d}" for i in range(1, 10))
    result = make_result("CSNet", images=9)
    report = make_report(replace(result, per_image=replace(result.per_image, keys=keys)))
    masks = {key: ecssd / "gt" / f"{key}.png" for key in keys}
    maps = {"CSNet": {key: ecssd / "predictions" / "CSNet-L-x2" / f"{key}.png" for key in keys}}
    html = gallery_html(report, {"ECSSD": Pairing("ECSSD", masks, maps, {})}, ecssd / "images")
    assert len(parse(html).all("img")) == 36
    assert 100_000 < len(html) < 210_000


def test_many_methods_get_smaller_pictures(
    scored: tuple[Report, dict[str, Pairing]],
    make_report: MakeReport,
    make_result: MakeResult,
    tmp_path: Path,
) -> None:
    report, pairings = scored
    for key in report.results[0].per_image.keys:
        save(tmp_path / "gt" / f"{key}.png", cv2.resize(square(), (400, 300)))
    many = make_report(*report.results, *(make_result(f"M{i}", "SOD", per_image=None) for i in range(24)))
    widths = [
        {
            image["width"]
            for image in parse(gallery_html(each, pairings, None)).all("img")
            if "Ground" in image["alt"]
        }
        for each in (report, many)
    ]
    assert widths == [{"240"}, {"160"}]


# ---- the pictures -----------------------------------------------------------------------------------


def test_pictures_are_small_and_keep_their_shape(tmp_path: Path) -> None:
    mask = save(tmp_path / "gt.png", np.full((1000, 500), 255, np.uint8))
    made = make_thumbnails(None, mask, mask, Protocol(), 240)
    assert (made.gt.width_px, made.gt.height_px) == (120, 240)
    assert pixels(made.gt).shape == (240, 120, 3)


@pytest.mark.parametrize("shape", [(1, 2000), (2000, 1), (1, 1)])
def test_a_map_one_pixel_wide_is_still_shown(shape: tuple[int, int], tmp_path: Path) -> None:
    mask = save(tmp_path / "gt.png", np.full(shape, 255, np.uint8))
    made = make_thumbnails(None, mask, mask, Protocol(), 240)
    assert min(made.overlay.width_px, made.overlay.height_px) == 1


def test_maps_look_as_they_were_scored(tmp_path: Path) -> None:
    mask = save(tmp_path / "gt.png", square())
    faint = save(tmp_path / "map.png", square() // 5)
    stretched = make_thumbnails(None, mask, faint, Protocol(), 240)
    kept = make_thumbnails(None, mask, faint, Protocol(scaling="none"), 240)
    assert pixels(stretched.saliency).max() > 250
    assert pixels(kept.saliency).max() < 80


def test_the_overlay_is_orange_where_the_map_is_white_over_a_grey_photograph(tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", np.full((30, 40, 3), RED[::-1], np.uint8))
    mask = save(tmp_path / "gt.png", square(1))
    overlay = pixels(
        make_thumbnails(photo, mask, save(tmp_path / "map.png", square()), Protocol(), 240).overlay
    )
    red, green, blue = overlay[15, 15].astype(int)
    assert red > green + 60 > blue + 90
    assert np.ptp(overlay[28, 35].astype(int)) < 12  # grey, though the photograph is red


def test_the_outline_of_the_ground_truth_lies_on_the_overlay(tmp_path: Path) -> None:
    mask = save(tmp_path / "gt.png", square())
    black = save(tmp_path / "map.png", np.zeros((30, 40), np.uint8))
    overlay = pixels(make_thumbnails(None, mask, black, Protocol(), 240).overlay)
    assert overlay[15, 5, 2] > 150
    assert overlay[15, 15].max() < 60


def test_maps_and_photographs_of_another_size_are_laid_over_the_mask(tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", np.full((300, 400, 3), 128, np.uint8))
    large = save(tmp_path / "map.png", np.full((90, 120), 255, np.uint8))
    made = make_thumbnails(photo, save(tmp_path / "gt.png", square()), large, Protocol(), 240)
    assert (made.overlay.width_px, made.overlay.height_px) == (40, 30)


def test_a_photograph_is_shown_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (60, 30), BLACK)
    image.paste(RED, (0, 0, 30, 30))
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the camera was turned: the left side is up
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    shown = pixels(make_thumbnails(tmp_path / "a.jpg", None, None, Protocol(), 240).photo)
    assert shown.shape == (60, 30, 3)
    assert shown[10, 15, 0] > 200 > 60 > shown[50, 15, 0]


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_cannot_be_read_is_named_in_place_of_its_picture(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(content)
    bad, good = tmp_path / "bad.png", save(tmp_path / "gt.png", square())
    made = make_thumbnails(bad, good, bad, Protocol(), 240)
    assert made.gt.address
    assert made.photo.reason.startswith("bad.png: ")
    assert made.saliency.reason.startswith("bad.png: ")
    assert made.overlay.reason == "needs ground truth and map"


def test_the_reason_is_said_as_for_a_map(tmp_path: Path) -> None:
    """Root may read anything, so a link that leads nowhere stands for what cannot be opened."""
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "text.png").write_text("no image")
    for name, reason in {
        "gone.png": "cannot be read: No such file or directory; check the file and its rights",
        "text.png": "no image, whatever its name says; expected JPEG, PNG, WEBP, BMP, TIFF",
    }.items():
        made = make_thumbnails(tmp_path / name, None, tmp_path / name, Protocol(), 240)
        assert made.photo.reason == f"{name}: {reason}"
        assert made.saliency.reason.partition(";")[0] == f"{name}: {reason}".partition(";")[0]


# ---- photographs ------------------------------------------------------------------------------------


def test_photographs_are_found_by_stem_with_any_usual_extension(tmp_path: Path) -> None:
    for name in ("a.JPG", "b.webp", "c.png", "c.jpg", "e\u0301.jpeg", "notes.txt", ".DS_Store"):
        (tmp_path / name).touch()
    found = find_photos(tmp_path, "ECSSD")
    assert {key: path.name for key, path in found.items()} == {
        "a": "a.JPG", "b": "b.webp", "c": "c.jpg", "\u00e9": "e\u0301.jpeg"
    }  # fmt: skip


def test_a_benchmark_s_own_folder_of_photographs_comes_first(tmp_path: Path) -> None:
    (tmp_path / "ECSSD").mkdir()
    (tmp_path / "ECSSD" / "a.jpg").touch()
    (tmp_path / "a.jpg").touch()
    assert find_photos(tmp_path, "ECSSD")["a"].parent.name == "ECSSD"
    assert find_photos(tmp_path, "SOD")["a"].parent == tmp_path


def test_a_missing_photograph_is_said_in_its_column(
    scored: tuple[Report, dict[str, Pairing]], tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    save(tmp_path / "photos" / "0000.png", np.zeros((30, 40, 3), np.uint8))
    page = parse(gallery_html(*scored, tmp_path / "photos"))
    assert page.words.count("Photograph") == 9
    shown = sum(image["alt"] == "Photograph of 0000" for image in page.all("img"))
    assert page.words.count("none found") == 9 - shown


def test_a_folder_of_photographs_that_is_not_there_is_refused(
    scored: tuple[Report, dict[str, Pairing]], tmp_path: Path
) -> None:
    with pytest.raises(
        InputError, match=r"photos cannot be read: No such file or directory; expected a folder"
    ):
        gallery_html(*scored, tmp_path / "photos")
