"""Fields of an entry's file: what is not understood is refused rather than dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from jaxtyping import Float64

from sodeval.outputs.json_fields import Fields, WrongValueError, number

NEWER = "it was written by a newer bdstr: update this one"


def refuse_others(at: Fields, known: Iterable[str]) -> None:
    """Refuses fields of other names.

    Raises:
        ReportError: names the first.
    """
    others = sorted(at.values.keys() - set(known))
    if others:
        at.refuse(others[0], "this field", f"none of that name: {NEWER}")


def arrays(at: Fields, known: Iterable[str]) -> dict[str, Float64[np.ndarray, "n"]]:
    """Lists of numbers, by their names.

    Raises:
        ReportError: one is no list of numbers, or of another name.
    """
    refuse_others(at, known)
    return {name: at.get(name, _numbers) for name in at.values}


def _numbers(value: Any) -> Float64[np.ndarray, "n"]:
    """All at once where they are what they should be; else one by one, for the reason."""
    if isinstance(value, list) and set(map(type, value)) <= {float}:
        found = np.array(value, np.float64)
        if np.isfinite(found).all():
            return found
    return np.array(list_of(number)(value), np.float64)


def list_of(read: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    """A check: a list, each of whose items passes another check."""

    def items(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise WrongValueError("a list")
        return [read(item) for item in value]

    return items
