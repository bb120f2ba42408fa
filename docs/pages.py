"""Builds the documentation: ``make docs``, or ``python docs/pages.py`` where the extra ``docs`` is installed.

Pages link to each other as they lie in the repository, so that they can be read there:
``../README.md``, ``images/gallery.jpg``, ``evaluation/sodeval/reference.py``. A site is a folder of its
own, so pages and what they link to are laid out in ``build/pages``, links rewritten, and built from there
into ``site-docs``. Other files of the repository lie below ``files`` as text, which a browser shows.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
STAGE = ROOT / "build" / "pages"
OF_THE_ROOT = {
    "README.md": "readme.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
}
"""Pages that stand at the root of the repository -> their names on the site."""
LINK = re.compile(r'(?P<before>\]\(|src=")(?P<target>[^)"#\s:]+)(?P<anchor>#[^)"\s]*)?(?=[)"\s])')
"""A relative link in Markdown, or the source of a picture in HTML; none with a scheme."""


def pages() -> Iterator[PurePosixPath]:
    """The pages' paths in the repository, sorted."""
    found = [*OF_THE_ROOT, *(str(file.relative_to(ROOT)) for file in (ROOT / "docs").rglob("*.md"))]
    return map(PurePosixPath, sorted(found))


def place(file: PurePosixPath) -> PurePosixPath:
    """Where a file of the repository lies on the site.

    Example:
        >>> [str(place(PurePosixPath(name))) for name in ("README.md", "docs/model.md", "bdstr/rle.py")]
        ['readme.md', 'model.md', 'files/bdstr/rle.py.txt']
    """
    if str(file) in OF_THE_ROOT:
        return PurePosixPath(OF_THE_ROOT[str(file)])
    if file.is_relative_to("docs"):
        return file.relative_to("docs")
    return PurePosixPath("files") / f"{file}.txt"


def links(text: str, page: PurePosixPath) -> Iterator[tuple[re.Match[str], PurePosixPath]]:
    """The relative links of a page, each with the path in the repository that it leads to."""
    for match in LINK.finditer(text):
        yield match, PurePosixPath(os.path.normpath(page.parent / match["target"]))


def rewritten(text: str, page: PurePosixPath) -> str:
    """A page with its links as they are on the site."""
    out, end = [], 0
    for match, target in links(text, page):
        there = os.path.relpath(place(target), place(page).parent)
        out += [text[end : match.start()], match["before"], there, match["anchor"] or ""]
        end = match.end()
    return "".join([*out, text[end:]])


def lay_out() -> None:
    """Writes pages, and everything that they link to, into the stage."""
    shutil.rmtree(STAGE, ignore_errors=True)
    shutil.copytree(ROOT / "docs" / "assets", STAGE / "assets")
    for page in pages():
        text = (ROOT / page).read_text("utf-8")
        for _, target in links(text, page):
            if (ROOT / target).is_file() and target.suffix != ".md":
                _copy(target)
        _at(page).write_text(rewritten(text, page), "utf-8")


def _copy(file: PurePosixPath) -> None:
    shutil.copyfile(ROOT / file, _at(file))


def _at(file: PurePosixPath) -> Path:
    there = STAGE / place(file)
    there.parent.mkdir(parents=True, exist_ok=True)
    return there


if __name__ == "__main__":
    lay_out()
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    sys.exit(subprocess.run(command, cwd=ROOT, env={**os.environ, "NO_COLOR": "1"}, check=False).returncode)
