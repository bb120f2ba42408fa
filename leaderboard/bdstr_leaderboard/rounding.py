"""Figures as they are shown: three decimals, halves up, as a hand rounds what a paper prints."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_STEP = Decimal("0.001")


@lru_cache(maxsize=1 << 14)  # a figure is shown and compared again and again
def three(value: float) -> str:
    """A number with three decimals, rounded from its shortest decimal text.

    The binary number nearest to .0465 lies below it, that nearest to .0495 above: by those, halves would go
    either way.

    Example:
        >>> three(0.0465), three(0.0495), three(0.04649)
        ('0.047', '0.050', '0.046')
    """
    return str(Decimal(repr(float(value))).quantize(_STEP, ROUND_HALF_UP))


def short(value: float) -> str:
    """The same without the zero before the point, as tables have it.

    Example:
        >>> short(0.0465), short(1.0)
        ('.047', '1.000')
    """
    return three(value).removeprefix("0")


def rounded(value: float) -> float:
    """The number that is shown.

    Example:
        >>> rounded(0.0465)
        0.047
    """
    return float(three(value))
