"""The evaluation as one function, for scripts and notebooks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ._version import __version__
from .benchmarks import benchmark_of_folder
from .errors import PairingError, UsageError
from .evaluation import Options, evaluate_pairings
from .evaluator import Evaluator
from .inputs.pairing import pair
from .measures import get_families
from .protocol import PYSODMETRICS, Protocol, get_protocol
from .report import Report

Source = str | os.PathLike[str] | Mapping[str, Any]
"""A folder, or image name -> array."""


def evaluate(
    gt: Source,
    preds: Mapping[str, Source],
    *,
    benchmark: str | None = None,
    protocol: Protocol | str = PYSODMETRICS,
    measures: Iterable[str] = (),
    workers: int = 1,
    allow_missing: bool = False,
) -> Report:
    """Scores methods against the masks of one benchmark.

    Args:
        gt: folder of the masks, or name -> array.
        preds: method -> folder of its maps, or name -> array; arrays as `Evaluator.update` takes them.
        benchmark: how to call it; else from the folder.
        protocol: the conventions, or the name of a preset.
        measures: on request, e.g. ``["IoU", "Dice"]``; see `measures.FAMILIES`.
        workers: processes for folders. In a script, call this under ``if __name__ == "__main__":`` when it
            is more than 1.
        allow_missing: score what is there, and mark it partial, where maps are missing.

    Raises:
        PairingError: maps and masks do not go together.
        UsageError: folders and arrays are mixed, or methods have no names.

    Example:
        >>> import numpy as np
        >>> mask, map_ = np.array([[True, False]]), np.array([[0.8, 0.2]])
        >>> report = evaluate({"a": mask}, {"mine": {"a": map_}})
        >>> report.results[0].scores["MAE"]
        0.0
    """
    if not isinstance(preds, Mapping):
        raise UsageError(f"preds is {preds!r}; expected method -> folder, e.g. {{'Mine': 'out/ECSSD'}}")
    families = get_families(measures)
    protocol = get_protocol(protocol) if isinstance(protocol, str) else protocol
    options = Options(protocol=protocol, families=families, workers=workers, allow_missing=allow_missing)
    sources = [gt, *preds.values()]
    if all(isinstance(source, Mapping) for source in sources):
        return _evaluate_arrays(gt, preds, benchmark or "arrays", options)  # type: ignore[arg-type]
    if any(isinstance(source, Mapping) for source in sources):
        raise UsageError("gt and preds mix folders and arrays; expected one or the other")
    masks = Path(gt)  # type: ignore[arg-type]
    folders = {name: Path(folder) for name, folder in preds.items()}  # type: ignore[arg-type]
    return evaluate_pairings([pair(masks, folders, benchmark or benchmark_of_folder(masks))], options)


def _evaluate_arrays(
    gt: Mapping[str, Any], preds: Mapping[str, Mapping[str, Any]], benchmark: str, options: Options
) -> Report:
    results = []
    for method, maps in preds.items():
        missing = sorted(gt.keys() - maps.keys())
        if missing and not options.allow_missing:
            raise PairingError(
                f"{method}: no map for {len(missing)} of {len(gt)} masks, e.g. {missing[0]!r}; "
                "add them, or say allow_missing=True"
            )
        evaluator = Evaluator(options.protocol, options.families)
        for key in sorted(gt.keys() & maps.keys()):
            evaluator.update(maps[key], gt[key], key)
        results.append(evaluator.result(method, benchmark, expected=len(gt)))
    return Report(options.protocol, tuple(results), __version__)
