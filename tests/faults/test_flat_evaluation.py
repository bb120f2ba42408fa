"""An evaluation of 20,000 pairs needs hardly more memory than one of 2,000."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

PAIRS, EARLY = 20_000, 2_000
MASKS = 40
"""So many are different; the others are links to them."""
MOST_BYTES_A_PAIR = 800
"""In the process that collects: scores, key and path of a pair. Its counts, 2 kB, lie in a file."""
SPARE_MB = 6.0
"""What allocators hold back."""

# not ru_maxrss, which begins with that of the process that starts this one
RUN = """
import json, sys
from pathlib import Path
import psutil
from sodeval.evaluation import Options, evaluate_pairings
from sodeval.inputs.pairing import pair

def peak_mb(pid):
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024

def on_progress(_, done, total):
    if len(peaks) < (done >= int(sys.argv[3])) + (done == total):
        mine = psutil.Process()
        workers = [child.pid for child in mine.children() if "spawn_main" in " ".join(child.cmdline())]
        peaks.append([peak_mb(pid) for pid in (mine.pid, *workers)])

if __name__ == "__main__":
    peaks, root = [], Path(sys.argv[1])
    pairing = pair(root / "gt", {"maps": root / "maps"}, "many")
    options = Options(workers=int(sys.argv[2]), cache=root / f"cache-{sys.argv[2]}.sqlite")
    report = evaluate_pairings([pairing], options, on_progress)
    print(json.dumps([report.results[0].images, peaks]))
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root, rng = tmp_path_factory.mktemp("many"), np.random.default_rng(3)
    for folder in ("gt", "maps"):
        (root / folder).mkdir()
    for i in range(PAIRS):  # maps of different bytes: equal ones would be measured once
        cv2.imwrite(str(root / "maps" / f"{i:05}.png"), rng.integers(0, 256, (12, 16), np.uint8))
        if i >= MASKS:
            os.link(root / "gt" / f"{i % MASKS:05}.png", root / "gt" / f"{i:05}.png")
            continue
        mask = np.zeros((12, 16), np.uint8)
        top, left = rng.integers(1, 6, 2)
        mask[top : top + 5, left : left + 7] = 255
        cv2.imwrite(str(root / "gt" / f"{i:05}.png"), mask)
    (root / "measure.py").write_text(RUN)
    return root


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_the_peak_grows_by_no_more_than_what_is_kept_of_a_pair(root: Path, workers: int) -> None:
    command = [sys.executable, root / "measure.py", root, workers, EARLY]
    answer = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True, timeout=300)
    images, (early, late) = json.loads(answer.stdout)
    assert images == PAIRS
    assert len(early) == len(late) == (1 if workers == 1 else 1 + workers)
    kept_mb = (PAIRS - EARLY) * MOST_BYTES_A_PAIR / 2**20
    assert late[0] - early[0] < kept_mb + SPARE_MB, (early, late)
    for one, then in zip(early[1:], late[1:], strict=True):  # a worker keeps nothing
        assert then - one < SPARE_MB, (early, late)
