"""The packages that an extra brings, asked for before anything imports them."""

from __future__ import annotations

from importlib.util import find_spec

from sodeval.errors import MissingExtraError


def need_models(extra: str, *more: str) -> None:
    """Models need torch and transformers, and some need more, which a user of the dataset does without.

    Args:
        extra: that brings them all.
        more: names of the others.

    Raises:
        MissingExtraError: one is not installed; names the extra.
    """
    need_packages(extra, "torch", "transformers", *more)


def need_packages(extra: str, *packages: str) -> None:
    """Packages are found, not imported: some take seconds.

    Raises:
        MissingExtraError: one is not installed; names the extra.

    Example:
        >>> need_packages("train", "json", "numpy")
    """
    for package in packages:
        if find_spec(package) is None:
            raise MissingExtraError(package, extra)
