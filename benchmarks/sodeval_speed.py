"""How fast sodeval is, beside PySODMetrics and beside merely reading the files.

Every ratio is taken within one run on one machine; each time is CPU time of one thread, the best of a few
rounds in which the contenders take turns. ``--short`` takes less of everything.
"""

from __future__ import annotations

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before numpy

import argparse
import platform
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from sodeval.evaluation import Options, evaluate_pairings
from sodeval.inputs.pairing import Pairing, pair
from sodeval.runner import usable_cpus

ECSSD = Path(__file__).parents[2] / "shared" / "data" / "ecssd"
METHODS = 8
PIXELS_OF_A_RUN = 300_000_000
"""So that a run takes seconds and its start does not count."""
SIZES = {"300 x 400": (300, 400, 40), "1024²": (1024, 1024, 6), "2048²": (2048, 2048, 3)}
"""Name -> height, width, images."""


@dataclass(frozen=True, slots=True)
class Files:
    """Masks and maps to be scored."""

    name: str
    one: Pairing
    many: Pairing


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; at most or at least `demanded`, aimed at `aim`."""

    what: str
    measured: str
    demanded: str
    aim: str


# ---- files ----------------------------------------------------------------------------------------


def draw_pair(rng: np.random.Generator, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """An object of a few blobs, and a map that finds it with soft edges and some noise."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    mask = np.zeros((height, width), bool)
    for _ in range(3):
        cy, cx = rng.uniform(0.3, 0.7, 2) * (height, width)
        ry, rx = rng.uniform(0.08, 0.25, 2) * (height, width)
        mask |= ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 < 1
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), width / 60)
    noisy = soft + rng.normal(0, 0.01, mask.shape) * (soft > 0.02)
    return mask.astype(np.uint8) * 255, (np.clip(noisy, 0, 1) * 255).astype(np.uint8)


def write_files(root: Path, name: str, height: int, width: int, images: int) -> Files:
    """Pairs of one size, with `METHODS` maps for each mask."""
    rng = np.random.default_rng(7)
    methods = [f"m{i}" for i in range(METHODS)]
    for folder in ("gt", *methods):
        (root / folder).mkdir(parents=True)
    for i in range(images):
        mask, saliency = draw_pair(rng, height, width)
        cv2.imwrite(str(root / "gt" / f"{i:04}.png"), mask)
        for shift, method in enumerate(methods):
            cv2.imwrite(str(root / method / f"{i:04}.png"), np.roll(saliency, 3 * shift, axis=1))
    return _files(name, root / "gt", {method: root / method for method in methods})


def real_files(images: int | None) -> Files:
    """ECSSD's masks with the maps of CSNet; eight methods are the same maps eight times."""
    maps = ECSSD / "predictions" / "CSNet-L-x2"
    files = _files("ECSSD", ECSSD / "gt", {f"m{i}": maps for i in range(METHODS)})
    return (
        files if images is None else Files(files.name, _first(files.one, images), _first(files.many, images))
    )


def _files(name: str, gt: Path, maps: dict[str, Path]) -> Files:
    first = dict(list(maps.items())[:1])
    return Files(name, pair(gt, first, name), pair(gt, maps, name))


def _first(pairing: Pairing, images: int) -> Pairing:
    keys = sorted(pairing.masks)[:images]
    maps = {method: {key: found[key] for key in keys} for method, found in pairing.maps.items()}
    return Pairing(pairing.benchmark, {key: pairing.masks[key] for key in keys}, maps, {})


# ---- contenders -----------------------------------------------------------------------------------


def _each(pairing: Pairing) -> Iterator[tuple[str, str]]:
    (maps,) = pairing.maps.values()
    return ((str(pairing.masks[key]), str(path)) for key, path in maps.items())


def read(files: Files) -> None:
    """What it costs to have the pixels at all."""
    for mask, saliency in _each(files.one):
        cv2.imread(mask, cv2.IMREAD_GRAYSCALE)
        cv2.imread(saliency, cv2.IMREAD_GRAYSCALE)


def pysodmetrics(files: Files) -> None:
    """The same measures by PySODMetrics, as its users call it."""
    from py_sod_metrics import MAE, Emeasure, Fmeasure, Smeasure, WeightedFmeasure

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metrics = (MAE(), Smeasure(), Emeasure(), Fmeasure(), WeightedFmeasure())
    for mask, saliency in _each(files.one):
        gt, pred = cv2.imread(mask, cv2.IMREAD_GRAYSCALE), cv2.imread(saliency, cv2.IMREAD_GRAYSCALE)
        for metric in metrics:
            metric.step(pred, gt)
    for metric in metrics:
        metric.get_results()


def sodeval_one(files: Files) -> None:
    """One method."""
    evaluate_pairings([files.one], Options())


def sodeval_many(files: Files) -> None:
    """Eight methods on the same masks."""
    evaluate_pairings([files.many], Options())


def time_all(contenders: list[Callable[[Files], None]], files: Files, rounds: int) -> dict[str, float]:
    """CPU seconds of each contender: the best round."""
    best = {contender.__name__: float("inf") for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            start = time.process_time()
            contender(files)
            best[contender.__name__] = min(best[contender.__name__], time.process_time() - start)
    return best


# ---- rows -----------------------------------------------------------------------------------------


def ratio_rows(files: Files, rounds: int) -> list[Row]:
    """One kind of files: against PySODMetrics, and against reading."""
    seconds = time_all([read, sodeval_one, sodeval_many, pysodmetrics], files, rounds)
    pairs = len(files.one.masks)
    ms = {name: value / pairs * 1e3 for name, value in seconds.items()}
    ms["sodeval_many"] /= METHODS
    return [
        Row(
            f"{files.name}: PySODMetrics + OpenCV {ms['pysodmetrics']:.2f} ms a pair / sodeval "
            f"{ms['sodeval_one']:.2f} ms",
            f"{ms['pysodmetrics'] / ms['sodeval_one']:.1f}x",
            ">= 18x",
            "30x",
        ),
        Row(
            f"{files.name}: the same with {METHODS} methods on one mask, {ms['sodeval_many']:.2f} ms a pair",
            f"{ms['pysodmetrics'] / ms['sodeval_many']:.1f}x",
            ">= 45x",
            "80x",
        ),
        Row(
            f"{files.name}: sodeval / only reading with OpenCV, {ms['read']:.2f} ms a pair",
            f"{ms['sodeval_one'] / ms['read']:.2f}",
            "<= 1.5",
            "1.0",
        ),
    ]


def wall(call: list[str], rounds: int) -> float:
    """Wall-clock seconds of a process: the best round."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run(call, check=True, capture_output=True)
        best = min(best, time.perf_counter() - start)
    return best


def peak_memory_mb(arguments: list[str]) -> float:
    """Of a process that does the whole evaluation, as Linux counts it since the program's start."""
    code = (
        "import sys; from sodeval import cli, shell; shell.run(cli.cli);"
        "print(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True
    )
    return int(done.stdout.split()[-1]) / 1024


COMMAND = [sys.executable, "-m", "sodeval"]


def folders(files: Files) -> tuple[Path, Path]:
    """Of the masks, and of the maps of one method."""
    (method,) = files.one.maps
    return (
        next(iter(files.one.masks.values())).parent,
        next(iter(files.one.maps[method].values())).parent,
    )


def repeated(files: Files, root: Path, pairs: int) -> tuple[Path, Path]:
    """The same files under so many names, so that a run takes longer than its start."""
    for source, name in zip(folders(files), ("gt", "maps"), strict=True):
        (root / name).mkdir(parents=True)
        images = sorted(source.iterdir())
        for number in range(pairs):
            (root / name / f"{number:05}.png").hardlink_to(images[number % len(images)])
    return root / "gt", root / "maps"


def workers_row(name: str, gt: Path, maps: Path, rounds: int) -> Row:
    """A whole run by two workers, beside one; wall-clock time."""
    run = [*COMMAND, "run", "--gt", str(gt), "--pred", str(maps), "--workers"]
    alone, together = wall([*run, "1"], rounds), wall([*run, "2"], rounds)
    count = sum(1 for _ in maps.iterdir())
    what = f"{name}, {count:,} pairs: one worker {alone:.2f} s / two"
    return Row(what, f"{alone / together:.2f}x", "", "")


def process_rows(files: Files, rounds: int) -> list[Row]:
    """Whole processes: start-up, workers, memory."""
    gt, maps = folders(files)
    peak_mb = peak_memory_mb(["run", "--gt", str(gt), "--pred", str(maps), "--workers", "1"])
    version = wall([*COMMAND, "--version"], 3 * rounds)
    numpy = wall([sys.executable, "-c", "import numpy"], 3 * rounds)
    return [
        workers_row(files.name, gt, maps, rounds),
        Row(f"{files.name}: peak memory of a process", f"{peak_mb:.0f} MB", "<= 300 MB", "150 MB"),
        Row(f"sodeval --version {version:.3f} s / import numpy", f"{version / numpy:.2f}", "<= 1.5", "1.0"),
    ]


def machine() -> str:
    """What the figures were taken on."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        )
        if Path("/proc/cpuinfo").exists()
        else iter(()),
        platform.processor(),
    )
    from sodeval import kernels

    return (
        f"{model}, {usable_cpus()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"numpy {np.__version__}, OpenCV {cv2.__version__}, {kernels.backend} kernels, "
        f"{datetime.now(UTC):%Y-%m-%d}"
    )


def markdown(rows: list[Row]) -> str:
    """The table."""
    lines = ["| what | measured | at least | aim |", "|:--|--:|--:|--:|"]
    lines += [f"| {row.what} | **{row.measured}** | {row.demanded} | {row.aim} |" for row in rows]
    return "\n".join([*lines, "", machine()])


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="less of everything")
    short = parser.parse_args().short
    cv2.setNumThreads(1)
    rounds = 2 if short else 5
    rows: list[Row] = []
    with TemporaryDirectory() as temporary:
        for name, (height, width, images) in list(SIZES.items())[: 1 if short else None]:
            print(f"{name} ...", file=sys.stderr)
            files = write_files(Path(temporary, name), name, height, width, images)
            rows += ratio_rows(files, rounds)
            pairs = PIXELS_OF_A_RUN // (height * width)
            rows.append(
                workers_row(
                    name, *repeated(files, Path(temporary, f"{name} often"), pairs), 1 if short else 3
                )
            )
        if ECSSD.is_dir():
            print("ECSSD ...", file=sys.stderr)
            rows += ratio_rows(real_files(50 if short else 200), rounds)
            rows += process_rows(real_files(None), 1 if short else 3)
        else:
            print(f"{ECSSD} does not exist: the real files are left out", file=sys.stderr)
            rows += process_rows(files, 1 if short else 3)
    print(markdown(rows))


if __name__ == "__main__":
    main()
