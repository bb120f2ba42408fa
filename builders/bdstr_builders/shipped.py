"""The recipes that come with bdstr, as text: who only wants their names needs nothing that runs them."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

SUFFIX = ".toml"


def known_recipes() -> list[str]:
    """The names of the recipes that come with bdstr.

    Example:
        >>> "offline" in known_recipes()
        True
    """
    return sorted(
        entry.name.removesuffix(SUFFIX) for entry in _folder().iterdir() if entry.name.endswith(SUFFIX)
    )


def shipped_text(name: str) -> str:
    """The TOML of one of them.

    Raises:
        OSError: there is none of that name.
    """
    return _folder().joinpath(f"{name}{SUFFIX}").read_text("utf-8")


def _folder() -> Traversable:
    return files(__package__).joinpath("recipes")
