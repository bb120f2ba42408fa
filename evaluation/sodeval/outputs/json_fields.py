"""Reading JSON that may be anybody's: every field is checked once, and named where it is wrong."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from ..errors import ReportError

T = TypeVar("T")


class WrongValueError(ValueError):
    """A value is not what a field takes; the message says what it takes."""


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object, and where it stands.

    Raises:
        ReportError: from every method, for a field that is missing or holds something else.

    Example:
        >>> Fields({"images": "ten"}, "report.json").get("images", count)
        Traceback (most recent call last):
        ...
        sodeval.errors.ReportError: report.json: images: found "ten"; expected a whole number, 0 or more
    """

    values: Any
    where: str

    def __post_init__(self) -> None:
        if not isinstance(self.values, dict):
            raise ReportError(f"{self.where}: found {_shown(self.values)}; expected an object")

    def get(self, name: str, check: Callable[[Any], T]) -> T:
        """The value of a field, as `check` returns it."""
        if name not in self.values:
            self.refuse(name, "nothing", "a value: the file is not whole, or sodeval did not write it")
        try:
            return check(self.values[name])
        except WrongValueError as expected:
            self.refuse(name, _shown(self.values[name]), str(expected))

    def inner(self, name: str) -> Fields:
        """The object in a field."""
        return Fields(self.get(name, lambda value: value), f"{self.where}: {name}")

    def items(self, name: str) -> list[Fields]:
        """The objects of the list in a field."""
        return [Fields(item, f"{self.where}: {name}[{i}]") for i, item in enumerate(self.get(name, _items))]

    def refuse(self, name: str, found: str, expected: str) -> NoReturn:
        raise ReportError(f"{self.where}: {name}: found {found}; expected {expected}")


def parse_json(data: str | bytes, where: str | Path) -> Any:
    """The value that a JSON text stands for.

    Raises:
        ReportError: it is not valid JSON; NaN and Infinity are not.
    """
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ReportError(
            f"{where}: not valid JSON ({error}); expected a file that sodeval wrote: write it again"
        ) from error


def text(value: Any) -> str:
    """A check: a string."""
    if not isinstance(value, str):
        raise WrongValueError("a text")
    return value


def flag(value: Any) -> bool:
    """A check: true or false."""
    if not isinstance(value, bool):
        raise WrongValueError("true or false")
    return value


def count(value: Any) -> int:
    """A check: a whole number, 0 or more."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise WrongValueError("a whole number, 0 or more")
    return value


def number(value: Any) -> float:
    """A check: a finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= sys.float_info.max:
        raise WrongValueError("a number")
    return float(value)


def number_or_nan(value: Any) -> float:
    """A check: a finite number, or null, which stands for NaN since JSON has none."""
    if value is None:
        return math.nan
    try:
        return number(value)
    except WrongValueError:
        raise WrongValueError("a number, or null where it is not defined") from None


def one_of(*allowed: str) -> Callable[[Any], Any]:
    """A check: one of these words."""

    def check(value: Any) -> Any:
        if value not in allowed:
            raise WrongValueError(" or ".join(f'"{word}"' for word in allowed))
        return value

    return check


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise WrongValueError("a list")
    return value


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _shown(value: Any) -> str:
    shown = json.dumps(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
