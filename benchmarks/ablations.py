"""What each part of DEDecoder is worth: `tiny` trained without it, all else equal, over several seeds.

    python -m benchmarks.ablations DATASET OUT [--seeds 7 8 9] [--set KEY=VALUE ...]

Each run is one of `bdstr train` in ``OUT/NAME-SEED``, so that what was stopped goes on and what is finished
is not trained again; the table is of the runs that are. All share rows, order and augmentation by the seed,
and are scored by sodeval on the rows held out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

VARIANTS: Mapping[str, Sequence[str]] = {
    "all": (),
    "bilinear": ("model.upsample=bilinear",),
    "no edge branch": ("model.edge_branch=false",),
    "no loss on edges": ("model.edge_weight=0",),
    "no BCE": ("model.bce_weight=0",),
    "no IoU loss": ("model.iou_weight=0",),
}
"""Name -> settings of `bdstr train` that differ."""
MEASURES = ("MAE", "maxF", "S", "meanE", "wF")
SEEDS = (7, 8, 9)


def folder(out: Path, name: str, seed: int) -> Path:
    """Of a run."""
    return out / f"{name.replace(' ', '-').lower()}-{seed}"


def train(dataset: str, run: Path, settings: Sequence[str]) -> None:
    """Trains to the end, or says that it is there."""
    code = "from bdstr.cli import main; main()"
    given = [word for setting in settings for word in ("--set", setting)]
    call = [sys.executable, "-c", code, "train", "--dataset", dataset, "--out", str(run), "--cpu", *given]
    subprocess.run([*call, "--threads", "1", "--workers", "1"], check=True)


def last_scores(run: Path) -> dict[str, float] | None:
    """Of the network at its end; None where the run is not finished."""
    if not (run / "model.safetensors").exists():
        return None
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text("utf-8").splitlines()]
    scores: dict[str, float] = [line for line in lines if "MAE" in line][-1]
    return scores


def table(out: Path, seeds: Sequence[int]) -> str:
    """Mean and standard deviation of each measure over the seeds that are finished, and how many they are."""
    lines = [f"| | seeds | {' | '.join(MEASURES)} |", f"|:--|--:|{'--:|' * len(MEASURES)}"]
    for name in VARIANTS:
        found = [scores for seed in seeds if (scores := last_scores(folder(out, name, seed)))]
        cells = [_cell([scores[measure] for scores in found]) for measure in MEASURES]
        lines.append(f"| {name} | {len(found)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(values: Sequence[float]) -> str:
    if not values:
        return "not run"
    spread = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.4f}{spread}"


def main() -> None:
    """Trains, seed by seed, and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--set", dest="settings", nargs="+", default=[], metavar="KEY=VALUE")
    parser.add_argument("--table", action="store_true", help="only print the table of what is there")
    given = parser.parse_args()
    if not given.table:
        for seed in given.seeds:
            for name, more in VARIANTS.items():
                settings = [*given.settings, *more, f"seed={seed}"]
                train(given.dataset, folder(given.out, name, seed), settings)
    print(table(given.out, given.seeds))


if __name__ == "__main__":
    main()
