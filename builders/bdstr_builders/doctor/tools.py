"""Programs that are of use, and that nothing needs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass

PROGRAMS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "LaTeX": (("pdflatex", "lualatex", "xelatex"), "sets what --format latex prints"),
    "Chromium": (("chromium", "chromium-browser", "google-chrome"), "the tests of pages run in it"),
    "C compiler": (("cc", "gcc", "clang", "cl"), "makes sodeval's kernels when bdstr is installed"),
}
"""Program -> the names it goes by, and what it is for."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program.

    Args:
        name: of the program.
        use: what it is for.
        path: where it is; None where it is not found.
    """

    name: str
    use: str
    path: str | None


def tools() -> list[Tool]:
    """Each program by the first of its names that is on the path."""
    return [
        Tool(name, use, next(filter(None, map(shutil.which, names)), None))
        for name, (names, use) in PROGRAMS.items()
    ]
