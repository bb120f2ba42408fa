"""``--set STAGE.PARAM=VALUE``: a recipe's parameters from the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bdstr.errors import UsageError
from sodeval.errors import did_you_mean

if TYPE_CHECKING:
    from ..recipe import Recipe

Settings = dict[str, dict[str, Any]]
"""Stage -> parameter -> value."""


def read_settings(texts: Iterable[str]) -> Settings:
    """What the options say; of two for one parameter the later.

    A value is read as TOML where it is some, else as text: a text that looks like a number needs quotes.

    Raises:
        UsageError: one has no such form.

    Example:
        >>> read_settings(["ground.dino.box_threshold=0.4", "segment.sam.model=weights/sam"])
        {'ground.dino': {'box_threshold': 0.4}, 'segment.sam': {'model': 'weights/sam'}}
    """
    settings: Settings = {}
    for text in texts:
        name, equals, value = text.partition("=")
        stage, dot, parameter = name.strip().rpartition(".")
        if not (equals and dot and stage and parameter):
            raise UsageError(f"--set {text}; expected STAGE.PARAM=VALUE, e.g. ground.dino.box_threshold=0.4")
        settings.setdefault(stage, {})[parameter] = _value(value.strip())
    return settings


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def refuse_unused(settings: Mapping[str, Any], recipe: Recipe) -> None:
    """A parameter of a stage that the recipe has not is a slip, not a wish.

    Raises:
        UsageError: names the stage, and the nearest that there is.
    """
    stages = [stage.name for stage in recipe.stages]
    for name in settings:
        if name not in stages:
            raise UsageError(
                f"--set {name}: recipe {recipe.name} has no such stage{did_you_mean(name, stages)}"
            )
