"""A run of many photographs needs no more memory than one of few."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

COUNT, ROWS_A_SHARD = 120, 8
SIDE_PX = 256
KEPT_MB = 0.1
"""Of each photograph at least, if its row were kept: its file alone."""
SPARE_MB = 5.0
"""What allocators hold back."""

# not ru_maxrss, which begins with that of the process that starts this one
RUN = """
import json, sys
from pathlib import Path
from bdstr_builders.pipeline import Generating
from bdstr_builders.recipe import recipe_of
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from bdstr_builders.folder import find_items

stages = [
    {"use": "check.duplicates"},
    {"use": "ground.saliency"},
    {"use": "segment.grabcut", "iterations": 1, "working_side_px": 64},
    {"use": "check.quality"},
]
work = Generating(recipe_of({"name": "r", "seed": 1, "stage": stages}, "r", {}))
found = find_items(Path(sys.argv[1]))
plan = make_plan(Path(sys.argv[2]), found, work.fingerprint, int(sys.argv[3]))
peaks = {}

def on_progress(done, _):
    peaks[done] = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024

summary = run(plan, found, work, on_progress=on_progress)
print(json.dumps([summary.rows, peaks]))
"""


def write_photographs(folder: Path) -> None:
    """A bright block on blots and noise, which no compression makes small."""
    folder.mkdir()
    rng = np.random.default_rng(5)
    for i in range(COUNT):
        photo = rng.integers(0, 60, (SIDE_PX, SIDE_PX, 3), np.uint8)
        blots = rng.integers(0, 80, (8, 8), np.uint8)  # by which each is another to a perceptual hash
        photo += cv2.resize(blots, (SIDE_PX, SIDE_PX))[..., None]
        top, left = rng.integers(20, 120, 2)
        photo[top : top + 100, left : left + 110] += 110
        Image.fromarray(photo).save(folder / f"{i:03}.png", compress_level=1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is asked of Linux")
def test_the_peak_is_reached_after_a_third_of_the_photographs(tmp_path: Path) -> None:
    write_photographs(tmp_path / "images")
    size_mb = sum(file.stat().st_size for file in (tmp_path / "images").iterdir()) / 2**20
    assert size_mb > COUNT * KEPT_MB  # else rows that are kept would not be seen
    command = [sys.executable, "-c", RUN, tmp_path / "images", tmp_path / "out", ROWS_A_SHARD]
    answer = subprocess.run([str(one) for one in command], check=True, capture_output=True, text=True)
    rows, peaks = json.loads(answer.stdout)
    assert rows > COUNT * 0.9
    after_a_third, at_the_end = peaks[str(COUNT // 3)], peaks[str(COUNT)]
    assert at_the_end - after_a_third < SPARE_MB < COUNT * KEPT_MB * 2 / 3, peaks
