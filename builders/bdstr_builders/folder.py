"""Photographs as people have them on disk: a folder, folders of classes, and masks beside them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from bdstr.errors import SourceError

from .counted import counted
from .source import Item, Source, Unusable
from .tree import read_tree

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
_ACCEPTED = ", ".join(sorted(SUFFIXES))
_CONVERTIBLE = frozenset(
    {
        *(".gif", ".apng", ".jfif", ".jpe", ".jp2", ".jxl", ".avif", ".heic", ".heif", ".svg", ".psd"),
        *(".ico", ".tga", ".exr", ".pnm", ".ppm", ".pgm"),
        *(".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf", ".rw2"),
    }
)
"""Of images that are not read here."""


def find_items(images: Path, masks: Path | None = None) -> Source:
    """The photographs of a folder, with their masks.

    Where the folder holds only folders, those are the classes of its photographs, however deep they lie; the
    folders in those are their subcategories. Links to folders are followed, hidden files are not read; see
    `read_tree`.

    Args:
        images: the folder.
        masks: folder of masks of the same names, of any image kind.

    Raises:
        SourceError: a folder is missing or holds no images, or no mask has the name of a photograph.
    """
    found, unusable, notes = _by_key(images)
    if not found:
        raise SourceError(
            f"{images}: holds no images; expected files of {_ACCEPTED}"
            f"{_tables(unusable)}{_why_none(unusable)}"
        )
    with_classes = all("/" in key for key in found)
    categories = sorted({key.split("/")[0] for key in found}) if with_classes else []
    pairs, unpaired, more = _masks_of(found, masks) if masks else ({}, [], [])
    items = [
        Item(key, path, pairs.get(key), *(_classes(key) if with_classes else ()))
        for key, path in sorted(found.items())
        if masks is None or key in pairs
    ]
    return Source(
        tuple(items),
        tuple(categories),
        tuple(unusable + unpaired),
        "drawn" if masks else "none",
        notes=(*notes, *more),
    )


def _classes(key: str) -> tuple[str, str | None]:
    """The class of a photograph, and the one within it."""
    first, *more = key.split("/")
    return first, more[0] if len(more) > 1 else None


def _tables(unusable: list[Unusable]) -> str:
    below = sorted({str(Path(one.key).parent) for one in unusable if one.key.endswith(".parquet")})
    return f"; there are Parquet files in its folder {below[0]}: name that one" if below else ""


def _why_none(unusable: list[Unusable]) -> str:
    """What became of those that are images by their names, be they of a kind that is not read here."""
    first = next((one for one in unusable if not _is_no_image(one)), None)
    return f"; {first.key}: {first.detail}" if first else ""


def _is_no_image(one: Unusable) -> bool:
    return one.reason == "not-an-image" and Path(one.key).suffix.lower() not in _CONVERTIBLE


def _by_key(folder: Path) -> tuple[dict[str, Path], list[Unusable], list[str]]:
    """Key -> file; what is left out; notes."""
    files: dict[str, list[Path]] = {}
    tree = read_tree(folder)
    unusable = [_again(path.relative_to(folder)) for path in tree.again]
    for path in tree.files:
        key = unicodedata.normalize("NFC", path.relative_to(folder).with_suffix("").as_posix())
        if (wrong := _wrong_name(path, path.relative_to(folder).as_posix())) is not None:
            unusable.append(wrong)
        elif path.suffix.lower() in SUFFIXES:
            files.setdefault(key, []).append(path)
    for key, same in files.items():
        if len(same) > 1:
            names = " and ".join(path.name for path in same)
            unusable.append(Unusable(key, "same-name", f"{names} have one name; expected one file a name"))
    found = {key: same[0] for key, same in files.items() if len(same) == 1}
    return found, unusable, _note_hidden(folder, tree.hidden)


def _again(link: Path) -> Unusable:
    detail = "a link to a folder that is read by another path, or that this lies in: passed over"
    return Unusable(_as_text(link.as_posix()), "linked-again", detail)


def _note_hidden(folder: Path, hidden: Sequence[Path]) -> list[str]:
    """What may have been photographs; of what systems leave about nothing is said."""
    some = [path for path in hidden if path.suffix.lower() in SUFFIXES or path.is_dir()]
    said = counted(len(some), "hidden file or folder", "hidden files and folders")
    return [f"{folder}: {said} passed over, e.g. {some[0].relative_to(folder)}"] if some else []


def _as_text(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _wrong_name(path: Path, name: str) -> Unusable | None:
    """Why a file is no image by its name alone; none where it may be one, or is what systems leave about."""
    as_text = _as_text(name)
    if path.suffix.lower() not in SUFFIXES:
        if path.is_symlink() and not path.exists():
            return Unusable(as_text, "broken-link", "a link to what is not there: passed over")
        return None if path.name == "Thumbs.db" else Unusable(as_text, "not-an-image", _other_suffix(as_text))
    if as_text != name:  # neither a key nor a column of a table could hold it
        return Unusable(as_text, "bad-name", "a name whose bytes are no UTF-8; expected some: rename it")
    return None


def _other_suffix(name: str) -> str:
    suffix = Path(name).suffix
    what_to_do = "convert it" if suffix.lower() in _CONVERTIBLE else "passed over"
    return f"{f'the suffix {suffix}' if suffix else 'no suffix'}; expected {_ACCEPTED}: {what_to_do}"


def _masks_of(found: dict[str, Path], masks: Path) -> tuple[dict[str, Path], list[Unusable], list[str]]:
    known, unusable, notes = _by_key(masks)
    pairs = {key: path for key, path in known.items() if key in found}
    if not pairs:
        raise SourceError(
            f"{masks}: no mask has the name of a photograph (masks are called like {_few(known)}, "
            f"photographs like {_few(found)}); expected the same names"
        )
    unusable += [Unusable(key, "no-mask", "no mask has this name") for key in found if key not in pairs]
    unusable += [
        Unusable(key, "no-image", "no photograph has this mask's name") for key in known if key not in found
    ]
    return pairs, unusable, notes


def _few(names: dict[str, Path]) -> str:
    return ", ".join(sorted(names)[:2]) or "nothing"
