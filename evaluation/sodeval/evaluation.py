"""From folders to a report: the whole evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ._version import __version__
from .benchmarks import count_problem, find_benchmark
from .cache import CacheWriter
from .defaults import DEFAULT_MAX_PIXELS
from .facts import Facts
from .fingerprints import fingerprint
from .inputs.pairing import Pairing
from .problem import Problem
from .protocol import PYSODMETRICS, Protocol
from .report import Report, Result
from .room import room_for
from .runner import chunks_of, run
from .scoring import Outcome, Sample, Settings
from .tally import Tally, summarise

OnProgress = Callable[[str, int, int], None]
"""Called with the benchmark's name, the images done and their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an evaluation is run.

    Args:
        protocol: the conventions.
        families: measures on request, see `measures.FAMILIES`.
        workers: processes; 1 stays in this one.
        allow_missing: score what is there, and mark it partial, where maps are missing or unreadable.
        max_pixels: larger images are refused.
        cache: file that keeps what was measured; None keeps nothing.
    """

    protocol: Protocol = PYSODMETRICS
    families: tuple[str, ...] = ()
    workers: int = 1
    allow_missing: bool = False
    max_pixels: int = DEFAULT_MAX_PIXELS
    cache: Path | None = None


def evaluate_pairings(
    pairings: Sequence[Pairing], options: Options, on_progress: OnProgress | None = None
) -> Report:
    """Scores every method of every benchmark.

    What is wrong with a file is listed in the results; see `Result.problems`.

    Raises:
        OutputError: the cache cannot be written.
    """
    writer = CacheWriter(options.cache) if options.cache else None
    try:
        results = [
            result for p in pairings for result in _evaluate_benchmark(p, options, writer, on_progress)
        ]
    finally:
        if writer:
            writer.close()
    return Report(options.protocol, tuple(results), __version__)


def _evaluate_benchmark(
    pairing: Pairing, options: Options, writer: CacheWriter | None, on_progress: OnProgress | None
) -> list[Result]:
    samples = samples_of(pairing)
    settings = Settings(options.protocol, options.max_pixels, options.cache)
    collected = Collected(_tallies(pairing, options))
    done = 0
    chunks = chunks_of(samples, len(pairing.maps))
    for chunk, outcome in zip(chunks, run(chunks, settings, options.workers), strict=True):
        if writer and outcome.fresh:
            writer.write(outcome.fresh)
        collected.add(outcome)
        done += len(chunk)
        if on_progress:
            on_progress(pairing.benchmark, done, len(samples))
    return [collected.result(method, pairing, options) for method in pairing.maps]


def _tallies(pairing: Pairing, options: Options) -> dict[str, Tally]:
    """One a method; what they keep of each image lies in one piece."""
    beside_cache = options.cache.parent if options.cache else None
    room = room_for(len(pairing.maps), len(pairing.masks), options.protocol.thresholds + 1, beside_cache)
    return {
        method: Tally(options.protocol, options.families, own)
        for method, own in zip(pairing.maps, room, strict=True)
    }


def samples_of(pairing: Pairing) -> list[Sample]:
    """The masks of a benchmark with their maps, sorted by key."""
    return [
        Sample(key, mask, {method: maps[key] for method, maps in pairing.maps.items() if key in maps})
        for key, mask in sorted(pairing.masks.items())
    ]


class Collected:
    """What the chunks of one benchmark gave, in order."""

    def __init__(self, tallies: Mapping[str, Tally]) -> None:
        self._tallies = tallies
        self._digests: dict[str, bytes] = {}
        self._problems: dict[str, list[Problem]] = {}
        self._grey_maps: set[str] = set()

    def add(self, outcome: Outcome) -> None:
        self._digests |= outcome.digests
        for method, problems in outcome.problems.items():
            self._problems.setdefault(method, []).extend(problems)
        for method, facts in outcome.facts.items():
            keys = sorted(facts)
            self._tallies[method].add(keys, [facts[key] for key in keys])
            if method not in self._grey_maps and any(map(has_grey_map, facts.values())):
                self._grey_maps.add(method)

    def result(self, method: str, pairing: Pairing, options: Options) -> Result:
        """One method's result; without scores where it is incomplete and that is not allowed."""
        tally = self._tallies[method]
        seen = fingerprint(self._digests)
        result = Result(
            method=method,
            benchmark=pairing.benchmark,
            images=len(tally),
            expected=len(pairing.masks),
            scores={},
            problems=self._problems_of(method, pairing),
            gt_fingerprint=seen,
            gt_copy=gt_copy(pairing.benchmark, seen),
        )
        if not len(tally) or (result.partial and not options.allow_missing):
            return result
        return _with_scores(result, tally, options.protocol)

    def _other_copy(self, pairing: Pairing) -> tuple[Problem, ...]:
        known = find_benchmark(pairing.benchmark)
        seen = fingerprint(self._digests)
        if known is None or known.fingerprint in ("", None, seen) or len(self._digests) < len(pairing.masks):
            return ()
        folder = next(iter(pairing.masks.values())).parent
        detail = (
            f"as many masks as {known.name} has, but not those that we know: "
            "names, sizes or pixels differ, so scores may differ from published ones"
        )
        return (Problem(str(folder), "other-masks", detail, "note"),)

    def _look_swapped(self, method: str, pairing: Pairing) -> tuple[Problem, ...]:
        grey_masks = sum(problem.kind == "grey-gt" for problem in self._problems.get("", ()))
        if method in self._grey_maps or not grey_masks or grey_masks < len(pairing.masks):
            return ()
        folder = next(iter(pairing.maps[method].values())).parent
        detail = "every mask is grey and every map black and white: are masks and maps swapped?"
        return (Problem(str(folder), "swapped", detail, "note"),)

    def _problems_of(self, method: str, pairing: Pairing) -> tuple[Problem, ...]:
        counted = _check_count(pairing)
        sources: Iterable[Iterable[Problem]] = (
            pairing.problems.get("", ()),
            pairing.problems.get(method, ()),
            self._problems.get("", ()),
            self._problems.get(method, ()),
            [counted] if counted else self._other_copy(pairing),
            self._look_swapped(method, pairing) if pairing.maps[method] else (),
        )
        return tuple(sorted(problem for source in sources for problem in source))


def has_grey_map(facts: Facts) -> bool:
    """Whether some map has more than two levels, as far as thresholds tell them apart."""
    return bool(((facts.counts.sum(axis=1) > 0).sum(axis=1) > 2).any())


def _with_scores(result: Result, tally: Tally, protocol: Protocol) -> Result:
    per_image, curves = tally.per_image(), tally.curves()
    return replace(result, scores=summarise(per_image, curves, protocol), per_image=per_image, curves=curves)


def _check_count(pairing: Pairing) -> Problem | None:
    benchmark = find_benchmark(pairing.benchmark)
    return count_problem(benchmark, len(pairing.masks)) if benchmark else None


def gt_copy(benchmark: str, gt_fingerprint: str) -> str:
    """``known`` where the masks are the ones whose fingerprint we hold, else ``unknown``."""
    known = find_benchmark(benchmark)
    return "known" if known and known.fingerprint == gt_fingerprint else "unknown"
