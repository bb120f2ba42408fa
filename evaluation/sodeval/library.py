"""The evaluation as one function, for scripts and notebooks."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ._version import __version__
from .benchmarks import benchmark_of_folder
from .defaults import DEFAULT_MAX_PIXELS
from .errors import ImageError, PairingError, UsageError
from .evaluation import Options, evaluate_pairings
from .evaluator import Evaluator
from .inputs.pairing import pair
from .measures import get_families
from .problem import Problem
from .protocol import PYSODMETRICS, Protocol, get_protocol
from .report import Report, Result

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
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> Report:
    """Scores methods against the masks of one benchmark.

    A method with a missing or unusable map gets no scores, and its result's ``problems`` say why; the other
    methods are scored.

    Args:
        gt: folder of the masks, or name -> array.
        preds: method -> folder of its maps, or name -> array; arrays as `Evaluator.update` takes them.
        benchmark: how to call it; else from the folder.
        protocol: the conventions, or the name of a preset.
        measures: on request, e.g. ``["IoU", "Dice"]``; see `measures.FAMILIES`.
        workers: processes for folders. In a script, call this under ``if __name__ == "__main__":`` when it
            is more than 1.
        allow_missing: score what is there, and mark it partial, where maps are missing.
        max_pixels: larger files are refused.

    Raises:
        PairingError: maps and masks do not go together: no name is in both.
        UsageError: folders and arrays are mixed, or methods have no names.
        WorkerError: `workers` is more than 1, and none can be started.

    Example:
        >>> import numpy as np
        >>> mask, map_ = np.array([[True, False]]), np.array([[0.8, 0.2]])
        >>> report = evaluate({"a": mask}, {"mine": {"a": map_}})
        >>> report.results[0].scores["MAE"]
        0.0
    """
    if not isinstance(preds, Mapping):
        raise UsageError(f"preds is {preds!r}; expected method -> folder, e.g. {{'Mine': 'out/ECSSD'}}")
    families = get_families([measures] if isinstance(measures, str) else measures)
    protocol = get_protocol(protocol) if isinstance(protocol, str) else protocol
    options = Options(
        protocol=protocol,
        families=families,
        workers=workers,
        allow_missing=allow_missing,
        max_pixels=max_pixels,
    )
    sources = [gt, *preds.values()]
    if all(isinstance(source, Mapping) for source in sources):
        return _evaluate_arrays(gt, preds, benchmark or "arrays", options)  # type: ignore[arg-type]
    if any(isinstance(source, Mapping) for source in sources):
        raise UsageError("gt and preds mix folders and arrays; expected one or the other")
    for source in sources:
        if not isinstance(source, str | os.PathLike):
            raise UsageError(f"a {type(source).__name__}; expected a folder, or a mapping of name -> array")
    masks = Path(gt)  # type: ignore[arg-type]
    folders = {name: Path(folder) for name, folder in preds.items()}  # type: ignore[arg-type]
    return evaluate_pairings([pair(masks, folders, benchmark or benchmark_of_folder(masks))], options)


def _evaluate_arrays(
    gt: Mapping[str, Any], preds: Mapping[str, Mapping[str, Any]], benchmark: str, options: Options
) -> Report:
    if not preds:
        raise PairingError("preds is empty; expected at least one method -> {name: map}")
    if not any(gt.keys() & maps.keys() for maps in preds.values()):
        raise PairingError(
            f"no map has the name of a mask: masks are called like {_few(gt)}, "
            f"maps like {_few(name for maps in preds.values() for name in maps)}; name both alike"
        )
    results = [_evaluate_method(gt, method, maps, benchmark, options) for method, maps in preds.items()]
    return Report(options.protocol, tuple(results), __version__)


def _evaluate_method(
    gt: Mapping[str, Any], method: str, maps: Mapping[str, Any], benchmark: str, options: Options
) -> Result:
    evaluator = Evaluator(options.protocol, options.families)
    problems = [
        Problem(name, "extra", "no mask has this name: not scored", "note") for name in maps.keys() - gt
    ]
    for name in sorted(gt):
        if name not in maps:
            detail = "no map for this mask; expected one of its name: add it, or say allow_missing=True"
            problems.append(Problem(name, "missing", detail))
            continue
        try:
            evaluator.update(maps[name], gt[name], name)
        except ImageError as error:
            problems.append(Problem(error.path, error.kind, error.detail))
    if not len(evaluator):
        return Result(method, benchmark, 0, len(gt), {}, tuple(sorted(problems)))
    result = evaluator.result(method, benchmark, expected=len(gt))
    said = replace(result, problems=tuple(sorted([*result.problems, *problems])))
    if said.partial and not options.allow_missing:
        return replace(said, scores={}, per_image=None, curves=None)
    return said


def _few(names: Iterable[str]) -> str:
    return ", ".join(itertools.islice(map(repr, sorted(names)), 2)) or "nothing"
