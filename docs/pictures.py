"""Makes the pictures of README and docs from real runs.

Run it with ``.venv/bin/python docs/pictures.py``. It wants Chromium (``apt-get install chromium``) for the
screenshot and, for the curves of published maps, the data beside the repository; what is absent is said, and
its picture left as it is.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

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


def draw_gallery(folder: Path) -> None:
    """The gallery of the demo, as a browser shows it."""
    demo = write_demo(folder / "data")
    pairing = pair(demo.gt, demo.maps, "demo")
    report = evaluate_pairings([pairing], Options())
    write_report(report, folder / "report", {"demo": pairing}, demo.photos)
    chromium = shutil.which("chromium")
    if chromium is None:
        print("chromium is not installed: the screenshot stays as it is", file=sys.stderr)
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 860}, device_scale_factor=1.5)
        page.goto((folder / "report" / "gallery.html").as_uri())
        page.locator("summary", has_text="RBD").evaluate("heading => heading.scrollIntoView()")
        page.screenshot(path=IMAGES / "gallery.jpg", type="jpeg", quality=80)
        browser.close()


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
    draw_curves()
    with TemporaryDirectory() as temporary:
        draw_gallery(Path(temporary))
