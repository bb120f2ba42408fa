"""How fast sodeval is, beside PySODMetrics and beside merely reading the files.

Every ratio is taken within one run on one machine. Those of a pair are of CPU time of one thread, the best
of a few rounds in which the contenders take turns. ``--short`` takes less of everything.
"""

from __future__ import annotations

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before numpy

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2

from benchmarks.clock import fastest
from benchmarks.figures import Figure
from benchmarks.maps import ECSSD, METHODS, Maps, draw_maps, real_maps, repeated
from benchmarks.program import main
from benchmarks.rivals import pysodmetrics, read
from benchmarks.sodeval_processes import MEMORY, WORKERS, memory, start, workers
from sodeval.evaluation import Options, evaluate_pairings

PACKAGES = ("numpy", "opencv-python-headless", "pysodmetrics")
PIXELS_OF_A_RUN = 300_000_000
"""So that a run takes seconds and its start does not count."""
SIZES = {"300 x 400": (300, 400, 40), "1024²": (1024, 1024, 6), "2048²": (2048, 2048, 3)}
"""Name -> height, width, images."""

ONE = Figure("one method", "ms a pair", "PySODMetrics + OpenCV", asked=18, aim=30)
MANY = Figure("eight methods on one mask", "ms a pair", "PySODMetrics + OpenCV", asked=45, aim=80)
READING = Figure("one method", "ms a pair", "only reading with OpenCV", "cost", asked=1.5, aim=1.0)


def contenders(files: Maps) -> Mapping[str, Callable[[], object]]:
    """What takes turns."""
    return {
        "read": partial(read, files.pairs),
        "one": partial(evaluate_pairings, [files.one], Options()),
        "many": partial(evaluate_pairings, [files.many], Options()),
        "pysodmetrics": partial(pysodmetrics, files.pairs),
    }


def milliseconds(files: Maps, seconds: Mapping[str, float]) -> dict[str, float]:
    """Name of a contender -> what it takes a pair."""
    each = {name: value / len(files.pairs) * 1e3 for name, value in seconds.items()}
    return each | {"many": each["many"] / METHODS}


def of_pairs(files: Maps, rounds: int) -> list[Figure]:
    """One kind of files: against PySODMetrics, and against reading."""
    ms = milliseconds(files, fastest(contenders(files), rounds))
    return [
        ONE.on(files.name).measured(ms["one"], ms["pysodmetrics"]),
        MANY.on(files.name).measured(ms["many"], ms["pysodmetrics"]),
        READING.on(files.name).measured(ms["one"], ms["read"]),
    ]


def of_drawn(root: Path, short: bool) -> list[Figure]:
    """Drawn pairs of each size."""
    figures: list[Figure] = []
    for name, (height, width, images) in list(SIZES.items())[: 1 if short else None]:
        print(f"{name} ...", file=sys.stderr)
        files = draw_maps(root / name, name, height, width, images)
        figures += of_pairs(files, 2 if short else 5)
        often = repeated(files, root / f"{name} often", PIXELS_OF_A_RUN // (height * width))
        figures.append(workers(name, *often, 1 if short else 3))
    return figures


def of_real(short: bool) -> list[Figure]:
    """ECSSD, where it lies beside the repository."""
    if not ECSSD.is_dir():
        every = (ONE, MANY, READING, WORKERS, MEMORY)
        return [figure.on("ECSSD").not_run("ECSSD is not here") for figure in every]
    print("ECSSD ...", file=sys.stderr)
    files = real_maps(None)
    return [
        *of_pairs(real_maps(50 if short else 200), 2 if short else 5),
        workers(files.name, *files.folders, 1 if short else 3),
        memory(files),
    ]


def measure(short: bool) -> Mapping[str, list[Figure]]:
    """All of it."""
    cv2.setNumThreads(1)
    with TemporaryDirectory() as temporary:
        return {"sodeval": [*of_drawn(Path(temporary), short), *of_real(short), start(3 if short else 9)]}


if __name__ == "__main__":
    main(__doc__, measure, PACKAGES)
