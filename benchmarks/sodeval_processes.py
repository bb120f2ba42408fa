"""sodeval as whole processes: workers, memory, start."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.clock import of_process
from benchmarks.figures import Figure
from benchmarks.maps import Maps
from benchmarks.memory import peak_mb

COMMAND = [sys.executable, "-m", "sodeval"]
OURS = "import sys; from sodeval import cli, shell; shell.run(cli.cli)"
THEIRS = """
import sys
from pathlib import Path
from benchmarks.rivals import of_folders, pysodmetrics
pysodmetrics(of_folders(*map(Path, sys.argv[1:])))
"""

WORKERS = Figure("a whole run by two workers", "s", "one worker")
MEMORY = Figure(
    "peak memory of a process", "MB", "PySODMetrics + OpenCV", "cost", asked=300, aim=150, of_value=True
)
VERSION = Figure("`sodeval --version`", "s", "`import numpy`", "cost", asked=1.5, aim=1.0)


def workers(name: str, gt: Path, maps: Path, rounds: int) -> Figure:
    """A whole run by two workers, beside one; wall-clock time."""
    run = [*COMMAND, "run", "--gt", str(gt), "--pred", str(maps), "--workers"]
    alone, together = of_process([*run, "1"], rounds), of_process([*run, "2"], rounds)
    return WORKERS.on(name).measured(together, alone, f"{sum(1 for _ in maps.iterdir()):,} pairs")


def memory(files: Maps) -> Figure:
    """The most memory that scoring one method takes."""
    gt, maps = files.folders
    ours = peak_mb(OURS, "run", "--gt", str(gt), "--pred", str(maps), "--workers", "1")
    return MEMORY.on(files.name).measured(
        ours, peak_mb(THEIRS, str(gt), str(maps)), f"{len(files.pairs):,} pairs"
    )


def start(rounds: int) -> Figure:
    """The shortest call of all; wall-clock time."""
    ours = of_process([*COMMAND, "--version"], rounds)
    return VERSION.measured(ours, of_process([sys.executable, "-c", "import numpy"], rounds))
