"""Text that a terminal, a browser or a log prints and does not act on."""

from __future__ import annotations


def printable(name: str) -> str:
    r"""The name on one line, without what a terminal or a browser would act on.

    Example:
        >>> printable("a\nb\x1b[31m")
        'a b [31m'
    """
    return "".join(char if char.isprintable() else " " for char in name)
