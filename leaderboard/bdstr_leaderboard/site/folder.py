"""The files of a site as a folder, which is whole or the one before."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from bdstr.errors import BoardError
from sodeval.outputs.atomic import refuse_write

from .build import MARKER


def write_site(files: Mapping[str, bytes], out: Path) -> None:
    """Writes a site beside its place, then moves it in.

    The disk is not waited for: a site that a power cut tears is built again by one command.

    Args:
        files: as `build_site` gives them.
        out: the folder; one that holds anything must be a site of ours, and is replaced.

    Raises:
        BoardError: the folder is another's.
        OutputError: it cannot be written.
    """
    refuse_foreign(out)
    out = out.resolve()  # "." has no name beside which to write
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex}.tmp")
    try:
        _write(files, aside)
        _swap(aside, out)
    except OSError as error:
        refuse_write(out, error)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def refuse_foreign(out: Path) -> None:
    """Refuses a folder that holds something and is no site of ours.

    Raises:
        BoardError: names it, and what to do.
    """
    others = sorted(_files(out) - _listed(out)) if out.is_dir() else []
    if others:
        raise BoardError(
            f"{out}: holds {others[0]}, which is no file of a site of ours; expected a new folder, or a site "
            "alone: move it elsewhere, or choose another folder"
        )
    if out.exists() and not out.is_dir():
        raise BoardError(f"{out}: is a file; expected a new folder, or a site of ours")


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def _listed(out: Path) -> set[str]:
    """The files that the site says it has, itself included."""
    try:
        listed = json.loads((out / MARKER).read_bytes())["files"]
        return {MARKER, *map(str, listed)}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _swap(aside: Path, out: Path) -> None:
    before = aside.with_suffix(".old")
    if out.exists():
        out.rename(before)
    try:
        aside.rename(out)
    except OSError:
        if before.exists():
            before.rename(out)
        raise
    shutil.rmtree(before, ignore_errors=True)
