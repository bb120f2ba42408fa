"""What making a dataset costs beside doing no more than its work, and reading it beside reading files.

Every ratio is of wall-clock time within one run on one machine. ``--short`` takes less of everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import datasets

from bdstr_builders.folder import find_items
from benchmarks.figures import Figure
from benchmarks.generation import GROWTH, PROCESSES, RUNNER, first, of_offline, of_runner
from benchmarks.maps import ECSSD
from benchmarks.packing import DUTS_TR, MEMORY, PACK, STREAMING, of_pack, of_streaming, unpack
from benchmarks.program import main

PACKAGES = ("datasets", "numpy", "opencv-python-headless", "pyarrow", "torch")


def of_reading(root: Path, short: bool) -> list[Figure]:
    """DUTS-TR packed and read."""
    if not DUTS_TR.is_dir():
        return [figure.not_run("DUTS-TR is not here") for figure in (PACK, MEMORY, STREAMING)]
    return [*of_pack(root, unpack(root / "duts", 1 if short else None)), of_streaming(root)]


def of_making(root: Path, short: bool) -> list[Figure]:
    """ECSSD's photographs through the recipes."""
    if not ECSSD.is_dir():
        return [figure.not_run("ECSSD is not here") for figure in (RUNNER, PROCESSES, GROWTH)]
    photographs = find_items(ECSSD / "images")
    return [
        of_runner(root, first(photographs, 100 if short else 300)),
        *of_offline(root, first(photographs, 200 if short else 1000)),
    ]


def measure(short: bool) -> Mapping[str, list[Figure]]:
    """All of it."""
    datasets.disable_progress_bars()
    with TemporaryDirectory() as temporary:
        root = Path(temporary)
        return {"dataset": [*of_making(root, short), *of_reading(root, short)]}


if __name__ == "__main__":
    main(__doc__, measure, PACKAGES)
