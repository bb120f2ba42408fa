"""Measures everything and writes docs/performance.md, its plot, and the table in README: ``make bench``.

Each benchmark is a process of its own, which renews its groups in ``figures.json``. ``--page`` measures
nothing and writes what follows from that file; ``--short`` takes less of everything, as a trial.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.group import FILE, read
from benchmarks.page import page, with_speed
from benchmarks.plot import plot_svg

ROOT = Path(__file__).parents[1]
PROGRAMS = ("sodeval_speed", "bdstr_speed", "generation_gpu", "model_speed")


def measure(programs: Iterable[str], options: Iterable[str]) -> list[str]:
    """Runs the benchmarks; those that failed, which leave what the file had."""
    failed = []
    for program in programs:
        call = [sys.executable, "-m", f"benchmarks.{program}", "--out", str(FILE), *options]
        if subprocess.run(call, cwd=ROOT, check=False).returncode:
            failed.append(program)
    return failed


def publish(root: Path) -> None:
    """Writes the page, its plot, and README's table."""
    groups = read(FILE)
    (root / "docs" / "images" / "performance.svg").write_bytes(plot_svg(groups))
    (root / "docs" / "performance.md").write_text(page(groups), "utf-8")
    readme = root / "README.md"
    readme.write_text(with_speed(readme.read_text("utf-8"), groups), "utf-8")


def main() -> None:
    """Says what failed, after all else is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="only write the page")
    parser.add_argument("--short", action="store_true", help="less of everything: a trial")
    options = parser.parse_args()
    failed = [] if options.page else measure(PROGRAMS, ["--short"] if options.short else [])
    publish(ROOT)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}: their figures stay as they were")


if __name__ == "__main__":
    main()
