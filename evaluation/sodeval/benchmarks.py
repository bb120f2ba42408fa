"""The benchmarks of the field, as data: one JSON file each in ``data/benchmarks``."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from .paths import real_path
from .problem import Problem

COMMON_MASK_FOLDERS = ("gt", "masks", "mask", "ground_truth", "gts")
"""How people call the folder of the masks, of any benchmark; compared as `same_name` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What is known of a benchmark.

    Args:
        name: as papers print it.
        images: how many masks a complete copy has.
        aliases: other names that its folders go by.
        mask_folders: what the folder of its masks is called, the published name first.
        fingerprint: `sodeval.fingerprints.fingerprint` of its masks, each binary where ``value > 128``; None
            where we hold no copy.
        citation: the paper that introduced it.
        homepage: where its authors publish it.
        notes: what to know before comparing numbers.
        of_the_field: whether papers compare methods on it; not so the photographs of ``sodeval demo``.
    """

    name: str
    images: int
    aliases: tuple[str, ...]
    mask_folders: tuple[str, ...]
    fingerprint: str | None
    citation: str
    homepage: str
    notes: tuple[str, ...]
    of_the_field: bool = True


def all_benchmarks() -> tuple[Benchmark, ...]:
    """The benchmarks of the field, by name."""
    return tuple(benchmark for benchmark in _known() if benchmark.of_the_field)


@functools.cache
def _known() -> tuple[Benchmark, ...]:
    folder = resources.files(__package__) / "data" / "benchmarks"
    found = [_from_json(file.read_text(encoding="utf-8")) for file in folder.iterdir()]
    return tuple(sorted(found, key=lambda benchmark: benchmark.name))


def benchmark_names() -> list[str]:
    """What they are called, as papers print it."""
    return [benchmark.name for benchmark in all_benchmarks()]


@functools.lru_cache(maxsize=256)  # asked once a method, which shows where there are few images
def find_benchmark(name: str) -> Benchmark | None:
    """The benchmark that goes by a name.

    Example:
        >>> find_benchmark("duts_test").name
        'DUTS-TE'
    """
    for benchmark in _known():
        if any(same_name(name, known) for known in (benchmark.name, *benchmark.aliases)):
            return benchmark
    return None


def benchmark_of_folder(masks: Path) -> str:
    """How to call the benchmark whose masks lie in this folder: the nearest folder that we know.

    Example:
        >>> benchmark_of_folder(Path("data/ecssd/gt"))
        'ECSSD'
        >>> benchmark_of_folder(Path("mine/masks"))
        'masks'
    """
    whole = real_path(masks)
    known = (find_benchmark(folder.name) for folder in (whole, *whole.parents)[:3] if folder.name)
    return next((benchmark.name for benchmark in known if benchmark), whole.name or "benchmark")


def same_name(one: str, other: str) -> bool:
    """Whether two names differ at most in case and punctuation."""
    return _bare(one) == _bare(other)


def count_problem(benchmark: Benchmark, found: int) -> Problem | None:
    """What to say where a copy has more or fewer masks than the benchmark."""
    if found == benchmark.images:
        return None
    return Problem(
        benchmark.name,
        "count",
        f"{found:,} masks; {benchmark.name} has {benchmark.images:,}: "
        "these scores do not compare with published ones unless they were taken on the same images",
        "note",
    )


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _from_json(text: str) -> Benchmark:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(text).items()}
    return Benchmark(**values)
