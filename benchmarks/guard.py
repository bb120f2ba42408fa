"""Fails where sodeval, the network or the runner got slower than they were, beside what does not change.

Measures a few ratios for about half a minute and compares them with ``baselines.json``. A ratio that is worse
by more than 25 % is measured again, longer, before it counts; the exit code is then 1. ``--renew`` writes the
file: where a change is meant, or for other machines.
"""

from __future__ import annotations

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before numpy

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2

from benchmarks.figures import Figure
from benchmarks.guard_contests import CONTESTS, Contest
from benchmarks.machine import processor, versions
from benchmarks.regression import Verdict, compare, told

BASELINES = Path(__file__).with_name("baselines.json")
PACKAGES = ("numpy", "opencv-python-headless", "pysodmetrics", "torch")
AGAIN = (2, 4)
"""How many times the rounds a ratio gets that looks worse: once, and once more."""


def measure(contest: Contest, baselines: Mapping[str, float]) -> Sequence[Figure]:
    """Its figures; measured again while one of them looks worse than it was."""
    best = contest.again({}, contest.rounds)
    for more in AGAIN:
        figures = contest.figures(best)
        known = {figure.name: baselines[figure.name] for figure in figures if figure.name in baselines}
        if all(verdict.holds for verdict in compare(figures, known) if verdict.baseline is not None):
            break
        best = contest.again(best, more * contest.rounds)
    return contest.figures(best)


def measure_all(baselines: Mapping[str, float]) -> list[Figure]:
    """One contest after the other."""
    cv2.setNumThreads(1)
    figures: list[Figure] = []
    with TemporaryDirectory() as temporary:
        for make in CONTESTS:
            figures += measure(make(Path(temporary)), baselines)
    return figures


def as_json(figures: Sequence[Figure]) -> str:
    """What baselines.json holds: the ratios, and what they were taken on."""
    taken_on = {"machine": processor(), "date": f"{datetime.now(UTC):%Y-%m-%d}"}
    ratios = {figure.name: round(figure.ratio, 3) for figure in figures if figure.ratio is not None}
    return json.dumps({**taken_on, "versions": versions(PACKAGES), "ratios": ratios}, indent=1) + "\n"


def judge(figures: Sequence[Figure], baselines: Mapping[str, float]) -> list[Verdict]:
    """Tells every verdict; gives those that fail."""
    verdicts = compare(figures, baselines)
    for verdict in verdicts:
        print("ok  " if verdict.holds else "FAIL", told(verdict))
    return [verdict for verdict in verdicts if not verdict.holds]


def main() -> None:
    """Compares, or renews."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renew", action="store_true", help=f"write {BASELINES.name} from what is measured")
    if parser.parse_args().renew:
        text = as_json(measure_all({}))
        BASELINES.write_text(text, "utf-8")
        print(text, end="")
        return
    baselines = json.loads(BASELINES.read_text("utf-8"))["ratios"]
    sys.exit(1 if judge(measure_all(baselines), baselines) else 0)


if __name__ == "__main__":
    main()
