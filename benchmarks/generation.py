"""`bdstr generate` beside doing no more than its work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bdstr_builders.draft import Rejected
from bdstr_builders.hash_list import to_text
from bdstr_builders.phash import hash_of_file
from bdstr_builders.pipeline import Generating
from bdstr_builders.placement import place
from bdstr_builders.recipe import Recipe, read_recipe
from bdstr_builders.run.local import run
from bdstr_builders.run.plan import make_plan
from bdstr_builders.source import Source
from benchmarks.clock import seconds
from benchmarks.figures import Figure
from benchmarks.memory import own_peak_mb
from benchmarks.random_models import TINY, save_models

LENIENT = {
    **{"min_area": 0.0, "max_area": 1.0, "max_components": 9999},
    **{"min_completeness": 0.0, "max_inversion": 1.0},
}
THRESHOLDS = {"box_threshold": 0.999999, "retry_threshold": 0.9999}
"""Random weights are sure of every box, and of what they make nothing is a salient object: so a few boxes
stay, and all rows."""
LEAST_ROWS = 0.9
"""Of the photographs: one that is rejected early would count as a fast one."""

RUNNER = Figure("`generate` with tiny models", "s", "the same stages in a loop", "cost", asked=1.15)
PROCESSES = Figure("`generate --recipe offline`, two processes", "s", "one process", asked=1.7)
GROWTH = Figure(
    "`generate --recipe offline`, peak memory at the end", "MB", "that after a tenth", "cost", asked=1.05
)


def first(source: Source, count: int) -> Source:
    """A part of the photographs."""
    return Source(source.items[:count], source.categories, ())


def tiny_recipe(folder: Path) -> Recipe:
    """The recipe `bds-tr` with small models of random weights in place of the large ones."""
    saved = save_models(folder, TINY)
    models = {"caption.blip": "blip", "ground.dino": "dino", "segment.sam": "sam"}
    chosen: dict[str, dict[str, Any]] = {stage: {"model": saved[name]} for stage, name in models.items()}
    chosen["ground.dino"] |= THRESHOLDS
    # ECSSD's own photographs are measured on: each would be found in the benchmark
    return place(read_recipe("bds-tr", chosen | {"check.quality": LENIENT, "check.leakage": {"against": []}}))


def bare_loop(folder: Path, source: Source, work: Generating) -> None:
    """What the runner has to do: photographs are hashed, models are loaded, batches pass the stages."""
    hashes = folder / "hashes.txt"
    found = {item.key: hash_of_file(item.image) for item in source.items}
    hashes.write_bytes(to_text({key: value for key, value in found.items() if value is not None}))
    rows = sum(not isinstance(made, Rejected) for made in work.build([hashes])(source.items))
    if rows < LEAST_ROWS * len(source.items):
        raise RuntimeError(f"{rows} rows of {len(source.items)} photographs; expected nearly all")


def beside_a_loop(root: Path, source: Source) -> dict[str, Callable[[], object]]:
    """The runner, and the same stage calls without it: the whole recipe, with models that cost little."""
    work = Generating(tiny_recipe(root / "tiny"))
    bare_loop(root, first(source, 16), work)  # what happens once in a process would count for the first alone
    runs = iter(range(1_000_000))

    def runner() -> None:
        run(make_plan(root / f"runner-{next(runs)}", source, work.fingerprint, 100), source, work)

    return {"loop": lambda: bare_loop(root, source, work), "runner": runner}


def of_runner(root: Path, source: Source) -> Figure:
    """Wall-clock time of both."""
    took = {name: seconds(call) for name, call in beside_a_loop(root, source).items()}
    return RUNNER.measured(took["runner"], took["loop"], _photographs(source))


def offline(out: Path, source: Source, processes: int) -> tuple[float, list[tuple[int, float]]]:
    """The offline recipe: how long it took, and photographs done -> the peak memory until then, in MB."""
    work, peaks = Generating(read_recipe("offline")), list[tuple[int, float]]()
    plan = make_plan(out, source, work.fingerprint, 25)

    def on_progress(done: int, _: int) -> None:
        peaks.append((done, own_peak_mb()))

    took = seconds(lambda: run(plan, source, work, processes=processes, on_progress=on_progress))
    return took, peaks


def of_offline(root: Path, source: Source) -> list[Figure]:
    """The offline recipe over two processes and in one, and whether the memory of the one grows."""
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # a peak is of all that a process ever did
        alone, peaks = apart.submit(offline, root / "alone", source, 1).result()
    together, _ = offline(root / "together", source, 2)
    begun_mb = next(peak for done, peak in peaks if done >= len(source.items) / 10)
    return [
        PROCESSES.measured(together, alone, _photographs(source)),
        GROWTH.measured(peaks[-1][1], begun_mb, _photographs(source)),
    ]


def _photographs(source: Source) -> str:
    return f"{len(source.items):,} photographs"
