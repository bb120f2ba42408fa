"""What DySample costs the whole network, `tiny` on one core, and what training loses to loading rows.

Every ratio is taken within one run on one machine: of CPU time, the best of a few rounds in which the
contenders take turns; of training, and on a GPU, of wall-clock time. ``--short`` takes less of everything.
"""

from __future__ import annotations

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before torch

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from benchmarks.figures import Figure
from benchmarks.program import main
from benchmarks.runtimes import of_runtimes
from benchmarks.training_loop import of_training
from benchmarks.upsampling import of_gpu, of_processor

PACKAGES = ("numpy", "onnxruntime", "torch", "transformers")


def measure(short: bool) -> Mapping[str, list[Figure]]:
    """All of it; what a GPU does is a group of its own, with its own machine and date."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    with TemporaryDirectory() as temporary:
        root = Path(temporary)
        figures = [
            *of_processor(2 if short else 4),
            *of_runtimes(root, 5 if short else 20),
            of_training(root, 3 if short else 20),
        ]
    return {"model": figures, "model-gpu": of_gpu(1 if short else 3)}


if __name__ == "__main__":
    main(__doc__, measure, PACKAGES)
