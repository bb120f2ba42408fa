"""Weights of a .pth checkpoint: tensors are read from it, and nothing that it says is ever run."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from bdstr.errors import RecipeError

Weights = Mapping[str, torch.Tensor]


def read_weights(file: Path, below: str | None = None) -> Weights:
    """The tensors in a file, by their names.

    Args:
        file: as `torch.save` writes it.
        below: the key in the file under which they are; None where the file holds nothing else.

    Raises:
        RecipeError: it cannot be read, is no such file, or holds anything but tensors and plain values, which
            could run code.
    """
    held = _read(file)
    if below is not None and isinstance(held, Mapping):
        held = held.get(below, held)
    if not isinstance(held, Mapping) or not held:
        raise RecipeError(f"{file} holds {_kind(held)}; expected weights by name, as published")
    for name, value in held.items():
        if not isinstance(value, torch.Tensor):
            raise RecipeError(
                f"{file}: {name!r} is {_kind(value)}; expected a tensor: is it another checkpoint?"
            )
    return {str(name).removeprefix("module."): value for name, value in held.items()}


def _read(file: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickles that are refused below
            return torch.load(file, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise RecipeError(
            f"{file} holds more than weights and was not loaded, since that can run code"
            f"{_called(str(error))}; expected a checkpoint of tensors alone, as its authors publish it"
        ) from None  # torch's own message says how to run it
    except OSError as error:
        raise RecipeError(f"{file} cannot be read: {error.strerror or error}; check its rights") from error
    except (RuntimeError, EOFError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise RecipeError(
            f"{file} is no checkpoint, or is damaged ({_first(str(error))}); expected a file that torch.save "
            "wrote: compare its size with the published one"
        ) from error


def _called(error: str) -> str:
    """What the pickle wanted to call, as far as torch tells."""
    found = re.search(r"GLOBAL ([\w.]+)", error)
    return f" (it calls {found[1]})" if found else ""


def _first(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "it ends too early"


def _kind(value: Any) -> str:
    return f"a {type(value).__name__}" if not isinstance(value, Mapping) else "an empty dict"


def fill(model: torch.nn.Module, weights: Weights, file: Path, unused: frozenset[str] = frozenset()) -> None:
    """Puts weights into a model; every one of both must have its place.

    Args:
        model: of the architecture that the weights are for.
        weights: by name.
        file: they are from.
        unused: names that only training needs.

    Raises:
        RecipeError: a weight is missing, left over or of another shape.
    """
    try:
        left = model.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        raise RecipeError(f"{file}: {_wrong_shape(str(error))}; expected those of {_name(model)}") from error
    over = sorted(set(left.unexpected_keys) - unused)
    if left.missing_keys or over:
        found = (
            f"it lacks {_some(left.missing_keys)}" if left.missing_keys else f"nothing takes {_some(over)}"
        )
        raise RecipeError(
            f"{file} is of another architecture: {found}; expected the weights of {_name(model)}"
        )


def _wrong_shape(error: str) -> str:
    lines = [line.strip() for line in error.splitlines() if "size mismatch" in line]
    return lines[0].rstrip(".") if lines else error.splitlines()[0]


def _some(names: list[str]) -> str:
    return f"{names[0]!r}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _name(model: torch.nn.Module) -> str:
    return type(model).__name__
