"""A figure: what was measured, beside what people use now, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["gain", "cost"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement beside another of the same run on the same machine; nothing of it is text yet.

    Args:
        what: what is measured.
        unit: of both values.
        beside: what people use now for the same; empty where the value stands alone.
        kind: whether the ratio tells how many times as good it is, or how many times as much it costs.
        asked: of the ratio, at least for a gain, at most for a cost; of the value where `of_value` says so.
        aim: what would be better still.
        of_value: whether `asked` and `aim` are limits of the value, in its unit.
        rate: whether more of the unit is better, as of images a second.
        value: what was measured; None where it was not.
        beside_value: the same of what stands beside it.
        extent: how much it was measured on.
        why_not: the reason where nothing was measured.

    Example:
        >>> SPEED = Figure("sodeval", "ms", beside="PySODMetrics", asked=18.0)
        >>> SPEED.measured(2.0, 50.0).ratio, SPEED.measured(2.0, 30.0).met
        (25.0, False)
    """

    what: str
    unit: str
    beside: str = ""
    kind: Kind = "gain"
    asked: float | None = None
    aim: float | None = None
    of_value: bool = False
    rate: bool = False
    value: float | None = None
    beside_value: float | None = None
    extent: str = ""
    why_not: str = "not measured yet"

    def on(self, where: str) -> Figure:
        """The same figure of other files."""
        return replace(self, what=f"{where}: {self.what}")

    def measured(self, value: float, beside_value: float | None = None, extent: str = "") -> Figure:
        """With what was measured."""
        return replace(self, value=value, beside_value=beside_value, extent=extent, why_not="")

    def not_run(self, why: str) -> Figure:
        """With the reason why nothing was measured."""
        return replace(self, value=None, beside_value=None, why_not=why)

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return f"{self.what} beside {self.beside}" if self.beside else self.what

    @property
    def ratio(self) -> float | None:
        """Times as good, or times the cost; None where nothing was measured or nothing stands beside it."""
        if self.value is None or self.beside_value is None:
            return None
        more = self.rate if self.kind == "gain" else not self.rate
        return self.value / self.beside_value if more else self.beside_value / self.value

    @property
    def more_is_better(self) -> bool:
        """Of what is asked: of the ratio, or else of the value."""
        return self.rate if self.of_value else self.kind == "gain"

    @property
    def met(self) -> bool | None:
        """Whether what is asked is reached; None where nothing is asked or nothing was measured."""
        reached = self.value if self.of_value else self.ratio
        if reached is None or self.asked is None:
            return None
        return reached >= self.asked if self.more_is_better else reached <= self.asked
