"""Defaults that functions have and help shows: apart, so that help imports nothing that computes."""

from __future__ import annotations

DEFAULT_MAX_PIXELS = 100_000_000
"""A larger image is refused before its pixels are decoded."""
DEFAULT_SAMPLE = 200
"""Images that `explain` scores."""
