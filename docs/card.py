"""Writes CARD.md: the card of BDS-TR itself, of which no run has been made here.

Run it with ``.venv/bin/python docs/card.py`` after a change of the recipe ``bds-tr`` or of the card's text.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bdstr.card import DatasetFacts, card
from bdstr_builders.origin import origin_of_recipe
from bdstr_builders.recipe import read_recipe

CARD = Path(__file__).parents[1] / "CARD.md"
SOURCES_SIZE = 260_000
"""Images of the set that the source describes, about."""


def text() -> str:
    """What CARD.md holds."""
    # without a fingerprint: while the recipe says "main" for a model, it names no dataset
    origin = replace(
        origin_of_recipe(read_recipe("bds-tr")),
        fingerprint=None,
        made_by="The masks are pseudo-labels: the recipe `bds-tr` makes them, nobody draws them.",
    )
    return card(DatasetFacts("bds-tr", {"train": None}, origin, planned=SOURCES_SIZE, pretty_name="BDS-TR"))


if __name__ == "__main__":
    CARD.write_text(text(), "utf-8")
