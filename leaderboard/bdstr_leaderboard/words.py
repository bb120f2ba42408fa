"""Words that anybody may have written: which of them the board takes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date

LONGEST_TITLE = 120
"""Letters of a method's name and variant together; the longest that was published has 59."""

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of Unicode that have no letters: what is in them turns, hides or breaks those around."""


def faults_of_words(said: Mapping[str, str]) -> Iterator[str]:
    r"""What is wrong with texts, by their fields.

    Example:
        >>> list(faults_of_words({"venue": "CVPR", "name": "ten\u202eNIM"}))
        ['name: found U+202E, which is no letter and changes how others look; expected it without']
    """
    for field, text in said.items():
        sign = next((each for each in text if unicodedata.category(each) in _UNSEEN), "")
        if sign:
            yield (
                f"{field}: found U+{ord(sign):04X}, which is no letter and changes how others look; "
                "expected it without"
            )


def faults_of_title(name: str, title: str) -> Iterator[str]:
    """What is wrong with the name of a method, alone and with its variant."""
    if not name.strip():
        yield "name: found nothing; expected the method's name"
    if len(title) > LONGEST_TITLE:
        yield (
            f"name: found {len(title):,} letters, with the variant; expected {LONGEST_TITLE} at most: "
            f"shorten {title[:30]!r}..."
        )


def is_date(text: str) -> bool:
    """Whether it is a day as ISO 8601 writes it.

    Example:
        >>> is_date("2026-11-25"), is_date("yesterday")
        (True, False)
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
