"""Finding many benchmarks and methods at once in two trees of folders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..benchmarks import COMMON_MASK_FOLDERS, find_benchmark, same_name
from ..errors import PairingError
from ..problem import Problem
from .listing import MAP_SUFFIXES, MASK_SUFFIXES, count_images, subfolders


@dataclass(frozen=True, slots=True)
class BenchmarkFolders:
    """Where one benchmark lies.

    Args:
        benchmark: its name, as papers print it where we know it.
        masks: folder of its ground truth.
        maps: method -> folder of its maps, sorted by method.
    """

    benchmark: str
    masks: Path
    maps: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class FolderTree:
    """What two trees hold.

    Args:
        benchmarks: those with masks and at least one method, sorted by name.
        problems: every folder that was left out, and why.
    """

    benchmarks: tuple[BenchmarkFolders, ...]
    problems: tuple[Problem, ...]


def find_benchmarks(root: Path, benchmarks_root: Path) -> FolderTree:
    """Match ``root/<method>/<benchmark>`` with ``benchmarks_root/<benchmark>/<folder of masks>``.

    Names of known benchmarks are matched through their aliases, others by themselves; case and punctuation
    do not matter. Masks may lie in the benchmark's folder itself.

    Raises:
        PairingError: a root is no folder, a benchmark is there twice, or nothing matches.
    """
    masks, mask_problems = _find_masks(benchmarks_root)
    maps, map_problems = _find_maps(root, masks)
    if not any(maps.values()):
        known = ", ".join(sorted(masks)) or "none with masks"
        raise PairingError(
            f"{root}: no maps for the benchmarks in {benchmarks_root} ({known}); "
            f"expected {root}/METHOD/BENCHMARK/*.png and {benchmarks_root}/BENCHMARK/gt/*.png"
        )
    found = (BenchmarkFolders(name, masks[name], maps[name]) for name in sorted(masks) if maps[name])
    return FolderTree(tuple(found), tuple(sorted(mask_problems + map_problems)))


def _find_masks(benchmarks_root: Path) -> tuple[dict[str, Path], list[Problem]]:
    """Benchmark -> folder of its masks."""
    masks: dict[str, Path] = {}
    problems = []
    for folder in subfolders(benchmarks_root):
        name, found = _official(folder.name), _mask_folders(folder)
        if not found:
            problems.append(_note(folder, "no-masks", "no images in it, nor in a folder called like masks"))
            continue
        twin = _called(name, masks)
        if twin:
            raise PairingError(f"{masks[twin]} and {found[0]} are both {twin}; expected one: move one away")
        masks[name] = found[0]
        problems += [_note(other, "ignored", f"masks are taken from {found[0]}") for other in found[1:]]
    return masks, problems


def _find_maps(root: Path, masks: Mapping[str, Path]) -> tuple[dict[str, dict[str, Path]], list[Problem]]:
    """Benchmark -> method -> folder of its maps."""
    maps: dict[str, dict[str, Path]] = {name: {} for name in masks}
    problems = []
    for method in subfolders(root):
        for folder in subfolders(method):
            name = _called(_official(folder.name), masks)
            if name is None:
                problems.append(_note(folder, "no-masks", "no masks for a benchmark of this name"))
            elif not count_images(folder, MAP_SUFFIXES):
                problems.append(Problem(str(folder), "no-images", f"no maps in it; expected those of {name}"))
            elif method.name in maps[name]:
                both = f"{maps[name][method.name]} and {folder}"
                raise PairingError(f"{both} are both {name}; expected one: move one away")
            else:
                maps[name][method.name] = folder
        without = [name for name in sorted(masks) if method.name not in maps[name]]
        if without:
            problems.append(_note(method, "no-maps", f"nothing to score for {', '.join(without)}"))
    return maps, problems


def _mask_folders(folder: Path) -> list[Path]:
    """The folders that may hold the masks of a benchmark, likeliest first."""
    benchmark = find_benchmark(folder.name)
    known = (*(benchmark.mask_folders if benchmark else ()), *COMMON_MASK_FOLDERS)
    inside = subfolders(folder)
    named = [path for name in known for path in inside if same_name(path.name, name)]
    return [path for path in dict.fromkeys((*named, folder)) if count_images(path, MASK_SUFFIXES)]


def _official(name: str) -> str:
    benchmark = find_benchmark(name)
    return benchmark.name if benchmark else name


def _called(name: str, names: Iterable[str]) -> str | None:
    return next((known for known in names if same_name(known, name)), None)


def _note(folder: Path, kind: str, detail: str) -> Problem:
    return Problem(str(folder), kind, detail, "note")
