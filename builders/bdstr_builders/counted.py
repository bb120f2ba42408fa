"""Numbers of things, as sentences have them."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number of things.

    Args:
        number: how many.
        noun: one of them.
        plural: several, where that is not the noun with an s.

    Example:
        >>> counted(1, "text"), counted(2000, "text"), counted(2, "box", "boxes")
        ('1 text', '2,000 texts', '2 boxes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
