"""Where a path leads, for paths that people type."""

from __future__ import annotations

import os
from pathlib import Path


def real_path(path: Path) -> Path:
    """The absolute path without links; a loop of links stays as it is, for the one who opens it to refuse.

    `Path.resolve` raises a bare RuntimeError for a loop before Python 3.13.
    """
    return Path(os.path.realpath(path))


def lies_in(path: Path, folder: Path) -> bool:
    """Whether a path is a folder or leads into it, through whatever links.

    Example:
        >>> lies_in(Path("maps/../maps/new"), Path("maps"))
        True
    """
    return real_path(path).is_relative_to(real_path(folder))
