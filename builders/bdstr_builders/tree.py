"""What lies below a folder: links to folders are followed, hidden files and folders are passed over."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from bdstr.errors import SourceError


@dataclass(frozen=True, slots=True)
class Tree:
    """What lies below a folder.

    Args:
        files: of a folder sorted by name; what lies behind links to folders comes after all the rest.
        again: folders that are not looked into, since what is in them is here by another path.
        hidden: files and folders whose names begin with a dot.
    """

    files: list[Path] = field(default_factory=list)
    again: list[Path] = field(default_factory=list)
    hidden: list[Path] = field(default_factory=list)


def read_tree(folder: Path) -> Tree:
    """Everything below a folder, each folder once, however many links lead to it, so none leads in a circle.

    Folders that lie there themselves come before those that are linked. A link to a folder around this one
    would bring in its neighbours, which nobody asked for: it is not followed.

    Raises:
        SourceError: it is no folder, or one below cannot be read.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: no folder; expected one of photographs: check the path")
    tree, seen, starts = Tree(), _folders_around(folder), deque([folder])
    while starts:
        starts.extend(_read_below(starts.popleft(), tree, seen))
    return tree


def _folders_around(folder: Path) -> set[str]:
    return set(map(str, Path(os.path.realpath(folder)).parents))


def _read_below(start: Path, tree: Tree, seen: set[str]) -> list[Path]:
    """Adds what lies below one folder to a tree, and returns the links to folders found there."""
    links = []
    for where, folders, names in os.walk(start, onerror=_refuse):  # which itself follows no link
        real = os.path.realpath(where)
        if real in seen:
            tree.again.append(Path(where))
            folders.clear()
            continue
        seen.add(real)
        tree.hidden.extend(Path(where, name) for name in sorted(folders + names) if _is_hidden(name))
        tree.files.extend(Path(where, name) for name in sorted(names) if not _is_hidden(name))
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        links += [path for path in (Path(where, name) for name in folders) if path.is_symlink()]
    return links


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def _refuse(error: OSError) -> None:
    raise SourceError(f"{error.filename}: {error.strerror}; expected a folder that can be read") from error
