"""Nothing got slower, beside what does not change: the short form of the benchmarks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sodeval import kernels


@pytest.mark.slow
@pytest.mark.parity
def test_no_ratio_is_worse_by_more_than_a_quarter_than_it_was(shared_data: Path) -> None:
    pytest.importorskip("py_sod_metrics", reason="PySODMetrics is not installed: the extra `verify`")
    pytest.importorskip("torch", reason="torch is not installed: the extra `train`")
    if kernels.backend != "c":
        pytest.skip(f"the baselines are of C kernels, here are those of {kernels.backend}: no C compiler")
    command = [sys.executable, "-m", "benchmarks.guard"]  # apart: here sodeval checks its types at every call
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
