"""Makes the pictures of README and docs from real runs.

Run it with ``.venv/bin/python docs/pictures.py``; with two runs of training, ``... RUN RUN``, it makes the
picture that compares them, and nothing else. It wants Chromium (``apt-get install chromium``) for the
screenshot and, for the curves of published maps, the data beside the repository; what is absent is said, and
its picture left as it is.
"""

from __future__ import annotations

import io
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageOps
from playwright.sync_api import Browser, sync_playwright

from bdstr.training.curves import curve_bytes
from bdstr.training.cutouts import cutout
from bdstr.training.run import read_log
from bdstr.training.saliency import pixel_values, saliency_maps
from bdstr.training.trained import trained_network
from bdstr_builders.annotate.answers import Ask
from bdstr_builders.annotate.server import Server
from bdstr_builders.annotate.session import Session
from bdstr_builders.annotate.store import Store
from bdstr_leaderboard.board import read_board
from bdstr_leaderboard.site.build import build_site
from bdstr_leaderboard.site.folder import write_site
from sodeval import evaluate
from sodeval.demo.files import write_demo
from sodeval.evaluation import Options, evaluate_pairings
from sodeval.inputs.pairing import pair
from sodeval.outputs.plots import PR, F, plot_bytes
from sodeval.outputs.report_files import write_report

DOCS = Path(__file__).parent
IMAGES = DOCS / "images"
SOD = DOCS.parents[1] / "shared" / "data" / "sod"
METHODS = ("Amulet", "DSS", "PiCANet")
CELL_PX, GAP_PX = 200, 6


def draw_gallery(folder: Path) -> None:
    """The gallery of the demo, as a browser shows it."""
    demo = write_demo(folder / "data")
    pairing = pair(demo.gt, demo.maps, "sodeval-demo")
    report = evaluate_pairings([pairing], Options())
    write_report(report, folder / "report", {"sodeval-demo": pairing}, demo.photos)
    with browser_at(shutil.which("chromium")) as browser:
        page = browser.new_page(viewport={"width": 1000, "height": 860}, device_scale_factor=1.5)
        page.goto((folder / "report" / "gallery.html").as_uri())
        page.locator("summary", has_text="RBD").evaluate("heading => heading.scrollIntoView()")
        page.screenshot(path=IMAGES / "gallery.jpg", type="jpeg", quality=80)


@contextmanager
def browser_at(chromium: str | None) -> Iterator[Browser]:
    """The browser that takes the screenshots."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def draw_annotate(folder: Path) -> None:
    """The page of `bdstr annotate` at the third photograph of the demo, with what it completes."""
    photos = {path.stem: path for path in sorted(write_demo(folder / "data").photos.iterdir())}
    shown = ["coffee", "cat", "rocket"]
    store = Store(folder / "texts.jsonl")
    session = Session([Ask(key) for key in [*shown, *photos]], store, "", lambda: "", {})
    session.answer(0, "a cup of coffee", "done", 1.0)
    session.answer(1, "a cat", "done", 1.0)
    server = Server("127.0.0.1", 0, session, photos, "Ctrl+Enter")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with browser_at(shutil.which("chromium")) as browser:
        page = browser.new_page(viewport={"width": 900, "height": 620})
        page.goto(f"http://127.0.0.1:{server.server_port}{server.path}", wait_until="networkidle")
        page.keyboard.type("a c")
        data = page.screenshot()
    server.shutdown()
    server.server_close()
    store.close()
    small = Image.open(io.BytesIO(data)).convert("RGB").quantize(128)
    small.save(IMAGES / "annotate.png", optimize=True)


def draw_leaderboard(folder: Path) -> None:
    """The leaderboard: published figures, those measured here on a phone in the dark, and charts."""
    write_site(build_site(read_board()), folder / "site")
    views = {
        "leaderboard": ("index.html#benchmark=PASCAL-S&sort=wF*PASCAL-S&order=desc", 1240, 760, "light"),
        "leaderboard-phone": ("index.html#benchmark=SOD", 390, 760, "dark"),
        "leaderboard-charts": ("charts.html", 1240, 760, "light"),
    }
    with browser_at(shutil.which("chromium")) as browser:
        for name, (address, width, height, scheme) in views.items():
            size = {"width": width, "height": height}
            page = browser.new_page(viewport=size, color_scheme=scheme)
            page.goto(f"{(folder / 'site').as_uri()}/{address}")
            if width < 400:
                page.locator(".above").evaluate("line => scrollTo(0, line.offsetTop)")
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            picture.save(IMAGES / f"{name}.png", optimize=True)


def draw_network(folder: Path) -> None:
    """Photographs of the demo, what the packaged network finds salient, and what it cuts out of them."""
    photos = photographs(folder)
    columns = [
        (Image.fromarray(photo), Image.fromarray(levels), on_checks(Image.fromarray(cutout(photo, levels))))
        for photo, levels in zip(photos, maps_of("tiny", photos), strict=True)
    ]
    sheet(columns).save(IMAGES / "dedecoder.jpg", quality=85)
    (IMAGES / "tiny-curve.svg").write_bytes(curve_bytes(read_log(DOCS / "tiny"), "svg"))


def draw_labels(folder: Path, drawn: str, made: str) -> None:
    """Photographs of the demo, and what two runs find salient: one of drawn masks, one of GrabCut's."""
    photos = photographs(folder)
    pictures = zip(photos, maps_of(drawn, photos), maps_of(made, photos), strict=True)
    columns = [[Image.fromarray(picture) for picture in column] for column in pictures]
    sheet(columns).save(IMAGES / "labels.jpg", quality=85)


def maps_of(model: str, photos: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What a network finds salient, at the sizes of the photographs."""
    network, processor = trained_network(model, "cpu")
    inputs = [pixel_values(processor, photo) for photo in photos]
    return list(saliency_maps(network, processor, inputs, [photo.shape[:2] for photo in photos]))


def sheet(columns: Sequence[Sequence[Image.Image]]) -> Image.Image:
    """Columns of pictures beside each other, each picture in the middle of its cell."""
    step = CELL_PX + GAP_PX
    page = Image.new("RGB", (len(columns) * step - GAP_PX, len(columns[0]) * step - GAP_PX), "white")
    for across, column in enumerate(columns):
        for down, picture in enumerate(column):
            fitted = ImageOps.contain(picture.convert("RGB"), (CELL_PX, CELL_PX))
            left = across * step + (CELL_PX - fitted.width) // 2
            page.paste(fitted, (left, down * step + (CELL_PX - fitted.height) // 2))
    return page


def photographs(folder: Path) -> list[np.ndarray]:
    """Those of the demo: `h w 3` of 8 bits."""
    files = sorted(write_demo(folder / "data").photos.iterdir())
    return [np.asarray(Image.open(file).convert("RGB")) for file in files]


def on_checks(picture: Image.Image) -> Image.Image:
    """A cut-out on the checks that stand for transparency."""
    y, x = np.mgrid[: picture.height, : picture.width] * CELL_PX // (12 * max(picture.size))
    checks = Image.fromarray(np.where((x + y) % 2, 225, 255).astype(np.uint8)).convert("RGBA")
    return Image.alpha_composite(checks, picture)


def draw_curves() -> None:
    """The curves of three published methods on SOD."""
    if not SOD.is_dir():
        print(f"{SOD} does not exist: the curves stay as they are", file=sys.stderr)
        return
    maps = {name: SOD / "predictions" / name for name in METHODS}
    report = evaluate(SOD / "gt", maps, benchmark="SOD")
    for name, plot in (("sod-pr", PR), ("sod-f", F)):
        (IMAGES / f"{name}.svg").write_bytes(plot_bytes(report, plot, "svg"))
    print(report.to_markdown())


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    if sys.argv[1:]:
        with TemporaryDirectory() as temporary:
            draw_labels(Path(temporary), *sys.argv[1:])
        sys.exit()
    draw_curves()
    if shutil.which("chromium") is None:
        sys.exit("chromium is not installed: the screenshots stay as they are")
    with TemporaryDirectory() as temporary:
        draw_network(Path(temporary) / "network")
        draw_gallery(Path(temporary) / "gallery")
        draw_annotate(Path(temporary) / "annotate")
        draw_leaderboard(Path(temporary))
