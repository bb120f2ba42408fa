"""The inner loops: compiled where the extension was built, numpy elsewhere.

``SODEVAL_KERNELS=numpy`` in the environment chooses numpy; the results agree to 1e-12.
"""

from __future__ import annotations

import os
from types import ModuleType

from . import numpy_kernels
from .numpy_kernels import Box, LevelScores, float_weighted_errors

__all__ = [
    "Box",
    "LevelScores",
    "backend",
    "distance_field",
    "expand_bits",
    "float_weighted_errors",
    "is_grey",
    "joint_histogram",
    "level_scores",
    "mask_moments",
    "trace_curves",
    "weighted_errors",
]


def _load() -> ModuleType:
    if os.environ.get("SODEVAL_KERNELS") == "numpy":
        return numpy_kernels
    try:
        from . import _kernels
    except ImportError:
        return numpy_kernels
    return _kernels


_module = _load()
backend = "numpy" if _module is numpy_kernels else "c"

expand_bits = _module.expand_bits
is_grey = _module.is_grey
mask_moments = _module.mask_moments
distance_field = _module.distance_field
joint_histogram = _module.joint_histogram
level_scores = _module.level_scores
trace_curves = _module.trace_curves
weighted_errors = _module.weighted_errors
