"""The ratios that CI keeps an eye on: few, short and steady, of CPU time of contenders that take turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.clock import fastest
from benchmarks.figures import Figure
from benchmarks.maps import ECSSD, draw_maps

SIZE = "300 x 400"
IMAGES = 20
SHARING = Figure("eight methods on one mask", "ms a pair", "one method").on(SIZE)
"""What is done once for a mask is most of the work of a method."""
DYSAMPLE = Figure("`tiny` with DySample, answering", "ms an image", "bilinear", "cost")
PHOTOGRAPHS = 16

Seconds = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Contest:
    """Contenders that take turns, and what their times say.

    Args:
        contenders: name -> what is timed.
        rounds: of a first attempt.
        figures: made from the seconds of each.
    """

    contenders: Mapping[str, Callable[[], object]]
    rounds: int
    figures: Callable[[Seconds], Sequence[Figure]]

    def again(self, best: Seconds, rounds: int) -> dict[str, float]:
        """The best of what was and of so many rounds more."""
        found = fastest(self.contenders, rounds)
        return {name: min(best.get(name, value), value) for name, value in found.items()}


def scoring(root: Path) -> Contest:
    """sodeval beside PySODMetrics, and with many methods beside one.

    Not beside only reading: work beside them slows scoring far more than decoding, so that this ratio says
    more of the machine's other work than of sodeval.
    """
    from benchmarks.sodeval_speed import ONE, contenders, milliseconds

    files = draw_maps(root / "maps", SIZE, 300, 400, IMAGES)
    calls = {name: call for name, call in contenders(files).items() if name != "read"}

    def figures(seconds: Seconds) -> list[Figure]:
        ms = milliseconds(files, seconds)
        return [
            ONE.on(SIZE).measured(ms["one"], ms["pysodmetrics"]),
            SHARING.measured(ms["many"], ms["one"]),
        ]

    return Contest(calls, 4, figures)


def upsampling(_: Path) -> Contest:
    """DySample beside bilinear upsampling."""
    import torch

    from benchmarks.upsampling import SIDE_PX, answerers

    torch.set_num_threads(1)
    torch.manual_seed(0)

    def figures(seconds: Seconds) -> list[Figure]:
        return [DYSAMPLE.measured(seconds["dysample"] * 1000, seconds["bilinear"] * 1000)]

    return Contest(answerers("tiny", torch.randn(1, 3, SIDE_PX, SIDE_PX)), 6, figures)


def running(root: Path) -> Contest:
    """The runner of `generate` beside the same stages in a loop."""
    from bdstr_builders.folder import find_items
    from benchmarks.generation import RUNNER, beside_a_loop, first

    if not ECSSD.is_dir():
        return Contest({}, 1, lambda _: [RUNNER.not_run("ECSSD is not here")])
    photographs = first(find_items(ECSSD / "images"), PHOTOGRAPHS)
    return Contest(
        beside_a_loop(root / "runner", photographs),
        3,
        lambda seconds: [RUNNER.measured(seconds["runner"], seconds["loop"])],
    )


CONTESTS: Sequence[Callable[[Path], Contest]] = (scoring, upsampling, running)
