"""Which map belongs to which mask."""

from __future__ import annotations

import itertools
import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import PairingError, UsageError
from ..problem import Problem
from .affixes import suggest
from .listing import MAP_SUFFIXES, MASK_SUFFIXES, Listing, list_folder


@dataclass(frozen=True, slots=True)
class Pairing:
    """The files of one benchmark, matched by name.

    Args:
        benchmark: its name.
        masks: key -> file of the ground truth; keys are stems in Unicode NFC, sorted.
        maps: method -> key -> file of the saliency map; only keys that have a mask.
        problems: method -> what was noticed about its folder: a missing map, an extra one, a file that is
            no image. What concerns the masks themselves is under ``""``.
    """

    benchmark: str
    masks: Mapping[str, Path]
    maps: Mapping[str, Mapping[str, Path]]
    problems: Mapping[str, tuple[Problem, ...]]


def pair(
    masks_dir: Path, maps_dirs: Mapping[str, Path], benchmark: str, *, prefix: str = "", suffix: str = ""
) -> Pairing:
    """Match the maps of each method with the masks, by stem; extensions do not matter.

    Args:
        masks_dir: folder of the ground truth.
        maps_dirs: method -> folder of its saliency maps.
        benchmark: how to call it.
        prefix: what stands before the stem of the mask in the names of maps. A folder in which no name
            carries prefix and suffix is matched without them, with a note.
        suffix: what stands after it.

    Raises:
        PairingError: the folder of the masks is missing or holds no images, two masks have one name, maps
            and masks are the same folder, or no map of any method has a mask; where a prefix or suffix
            would help, it is offered.
    """
    if not maps_dirs:
        raise PairingError("no folder of maps; expected one a method: name it with --pred NAME=DIR")
    prefix, suffix = (unicodedata.normalize("NFC", affix) for affix in (prefix, suffix))
    listed = list_folder(masks_dir, MASK_SUFFIXES)
    masks = _unique(listed)
    matches = {}
    for method, folder in maps_dirs.items():
        try:
            maps = list_folder(folder, MAP_SUFFIXES)
        except PairingError as error:  # costs this method its score, the others nothing
            detail = str(error).removeprefix(f"{folder}: ")
            matches[method] = _Match({}, [Problem(str(folder), "no-maps", detail)])
            continue
        if folder.samefile(masks_dir):
            raise PairingError(f"{folder}: given as masks and as the maps of {method}; expected two folders")
        matches[method] = _match(masks, maps, prefix, suffix)
    if not any(match.maps for match in matches.values()):
        first = (match.problems[0] for match in matches.values())
        raise PairingError("\n".join(f"{problem.file}: {problem.detail}" for problem in first))
    return Pairing(
        benchmark,
        masks,
        {method: match.maps for method, match in matches.items()},
        {"": listed.notes} | {method: tuple(sorted(match.problems)) for method, match in matches.items()},
    )


def method_folders(specs: Sequence[str]) -> dict[str, Path]:
    """Methods and their folders from ``DIR`` or ``NAME=DIR``; a method is called like its folder otherwise.

    Raises:
        UsageError: an empty name or folder, or two methods of one name.

    Example:
        >>> method_folders(["CSNet=maps/x2", "maps/DSS"])
        {'CSNet': PosixPath('maps/x2'), 'DSS': PosixPath('maps/DSS')}
    """
    folders: dict[str, Path] = {}
    for spec in specs:
        name, equals, folder = spec.partition("=")
        if not equals or Path(spec).is_dir():  # a folder may have "=" in its own name
            # The name of "." and "..", too, but that of a link rather than of what it points to.
            name, folder = Path(os.path.abspath(spec)).name, spec  # noqa: PTH100
        if not name or not folder:
            raise UsageError(f"{spec!r} names no method or no folder; expected NAME=DIR")
        if name in folders:
            raise UsageError(f"two methods are called {name!r}: name one of them with NAME={folder}")
        folders[name] = Path(folder)
    return folders


@dataclass(frozen=True, slots=True)
class _Match:
    """The maps of one method: key -> file, and what is wrong with the rest, errors first."""

    maps: dict[str, Path]
    problems: list[Problem]


def _match(masks: Mapping[str, Path], listing: Listing, prefix: str, suffix: str) -> _Match:
    keys = _strip(listing.files, prefix, suffix)
    notes = list(listing.notes)
    if not keys:
        notes.append(
            _note(listing, f"no name carries prefix {prefix!r} and suffix {suffix!r}: matched without")
        )
        prefix, suffix, keys = "", "", {stem: stem for stem in listing.files}
    found = {key: listing.files[stem] for stem, key in keys.items() if key in masks}
    few = 2 * len(found) < len(masks) and not (prefix or suffix)
    offer = suggest(masks.keys(), listing.files.keys()) if few else ""
    if not found:
        return _Match({}, [_no_match(masks, listing, offer), *notes])
    if offer:
        notes.append(_note(listing, f"{len(found):,} of {len(masks):,} names match; {offer}"))
    missing = [key for key in masks if key not in found]
    errors = [_duplicate(files) for files in found.values() if len(files) > 1]
    errors += [_missing(listing.folder / f"{prefix}{key}{suffix}.png", masks[key]) for key in missing]
    notes += [
        _extra(file) for stem, files in listing.files.items() if keys.get(stem) not in masks for file in files
    ]
    return _Match({key: found[key][0] for key in masks if len(found.get(key, ())) == 1}, errors + notes)


def _strip(stems: Iterable[str], prefix: str, suffix: str) -> dict[str, str]:
    """Stem -> key, of the stems that carry prefix and suffix."""
    start, end = len(prefix), len(suffix)
    carrying = [s for s in stems if s.startswith(prefix) and s.endswith(suffix) and len(s) > start + end]
    return {stem: stem[start : len(stem) - end] for stem in carrying}


def _unique(listing: Listing) -> dict[str, Path]:
    for files in listing.files.values():
        if len(files) > 1:
            raise PairingError(f"{listing.folder}: {_one_name(files)}: keep the masks alone in their folder")
    return {key: files[0] for key, files in listing.files.items()}


def _one_name(files: Sequence[Path]) -> str:
    return f"{' and '.join(file.name for file in files)} have one name; expected one file a name"


def _duplicate(files: Sequence[Path]) -> Problem:
    return Problem(str(files[0]), "duplicate", f"{_one_name(files)}: remove all but one")


def _missing(file: Path, mask: Path) -> Problem:
    return Problem(
        str(file),
        "missing",
        f"no map for the mask {mask.name}; expected this name, of any image kind: "
        "save it, or score without it by --allow-missing",
    )


def _extra(file: Path) -> Problem:
    return Problem(str(file), "extra", "no mask has this name: not scored", "note")


def _note(listing: Listing, detail: str) -> Problem:
    return Problem(str(listing.folder), "affix", detail, "note")


def _no_match(masks: Mapping[str, Path], listing: Listing, offer: str) -> Problem:
    detail = f"0 of {len(masks):,} names match" + (f"; {offer}" if offer else "")
    names = f"masks are called like {_few(masks)}, maps like {_few(listing.files)}"
    return Problem(str(listing.folder), "no-match", f"{detail} ({names})")


def _few(names: Iterable[str]) -> str:
    return ", ".join(itertools.islice(names, 2))
