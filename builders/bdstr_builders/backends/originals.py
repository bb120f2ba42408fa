"""The packages that the authors of SAM and of Grounding DINO publish."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

from bdstr.errors import RecipeError

RECIPE = (
    "torch and torchvision of one build: in an environment of its own and a clone of bdstr, "
    "pip install '.[original]'"
)


def import_original(name: str) -> Any:
    """A module of one of the packages.

    Raises:
        RecipeError: it is installed and cannot be imported, as where torchvision was built for another torch.

    Example:
        >>> import_original("json").__name__
        'json'
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of timm, about what the package imports
            return import_module(name)
    except (ImportError, RuntimeError, AttributeError) as error:
        reason = str(error).splitlines()[0]
        raise RecipeError(f"{name} cannot be imported ({reason}); expected {RECIPE}") from error
