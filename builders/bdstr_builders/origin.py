"""How a dataset came about, as its card tells it: without the paths of the machine that made it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bdstr.card import NO_TEXT, UNKNOWN_LANGUAGE, Origin

from .checkpoint import MODELS, identity
from .draft import Stage
from .recipe import Recipe, read_recipe
from .shipped import known_recipes
from .source import Masks, Source


def origin_of_recipe(
    recipe: Recipe,
    fingerprint: str | None = None,
    source: str | None = None,
    licence: str | None = None,
) -> Origin:
    """That of masks which a recipe made.

    Args:
        recipe: what was done.
        fingerprint: of the recipe, where it is known already; hashing large models takes a while.
        source: where the photographs are from.
        licence: theirs.
    """
    files = any(_parameters(stage).get("file") for stage in recipe.stages)
    annotations = " --annotations ANNOTATIONS" if files else ""
    return Origin(
        f"The masks are pseudo-labels: the recipe `{recipe.name}` made them, nobody drew them.",
        again=f"bdstr generate IMAGES --recipe {_called(recipe)}{annotations} --out FOLDER"
        + _options(source, licence),
        recipe=recipe.name,
        fingerprint=fingerprint or recipe.fingerprint,
        stages=tuple(map(in_words, recipe.stages)),
        licence=licence,
        language=_language(recipe),
        measured="check.quality" in _names(recipe),
    )


def _called(recipe: Recipe) -> str:
    """The recipe on the command line: one that comes with bdstr with what is set otherwise; else a file."""
    known = read_recipe(recipe.name) if recipe.name in known_recipes() else None
    if known is None or known.seed != recipe.seed or _names(known) != _names(recipe):
        return "RECIPE.toml"
    pairs = zip(known.stages, recipe.stages, strict=True)
    return recipe.name + "".join(_set(stage, _parameters(plain)) for plain, stage in pairs)


def _names(recipe: Recipe) -> list[str]:
    return [stage.name for stage in recipe.stages]


def _set(stage: Stage, plain: Mapping[str, Any]) -> str:
    """What a stage has otherwise than in the recipe, but for where it ran and for the file of annotations."""
    given = {name: value for name, value in _parameters(stage).items() if name not in _ELSEWHERE}
    texts = (f"{stage.name}.{name}={_value(value)}" for name, value in given.items() if value != plain[name])
    return "".join(f" --set {shlex.quote(text)}" for text in texts)


_ELSEWHERE = ("device", "dtype", "file")


def _value(value: Any) -> str:
    """As TOML, without folders of this machine."""
    if isinstance(value, tuple):
        return json.dumps([Path(one).name for one in value])
    if isinstance(value, str):
        return json.dumps(Path(value).name if Path(value).expanduser().exists() else value)
    return json.dumps(value)


def origin_of_packed(masks: Masks, source: str | None, licence: str | None) -> Origin:
    """That of photographs as they are, with the masks that came with them."""
    made_by, inputs = _PACKED[masks]
    return Origin(
        f"{made_by}{f'; the photographs are from {source}' if source else ''}.",
        again=f"bdstr pack {inputs} --out FOLDER{_options(source, licence)}",
        licence=licence,
        language=NO_TEXT,
        masks=masks,
    )


_PACKED: Mapping[Masks, tuple[str, str]] = {
    "none": ("Nobody has made masks for them", "IMAGES"),
    "drawn": ("People drew the masks", "IMAGES MASKS"),
    "given": ("The masks came with the photographs", "PARQUET"),
}
"""Whose masks -> what a card says of them, and what is packed."""


def _options(source: str | None, licence: str | None) -> str:
    options = {"--source": source, "--licence": licence}
    return "".join(f" {name} {shlex.quote(value)}" for name, value in options.items() if value)


def as_found(origin: Origin, source: Source) -> Origin:
    """The origin of these photographs: with the options that found them, and no licence that is not all's."""
    others = any(item.licence not in (None, origin.licence) for item in source.items)
    again = f"{origin.again}{source.options}" if origin.again else None
    return replace(origin, again=again, licence=None if others else origin.licence)


def in_words(stage: Stage) -> str:
    """A stage with its parameters, in one line of Markdown."""
    values = {name: _short(name, value) for name, value in _parameters(stage).items()}
    said = ", ".join(f"{name} = {value}" for name, value in values.items())
    return f"`{stage.name}`, version {stage.version}{f': `{said}`' if said else ''}"


def _parameters(stage: Stage) -> Mapping[str, Any]:
    values: dict[str, Any] = asdict(stage)  # type: ignore[call-overload]
    return values


def _short(name: str, value: Any) -> str:
    if name in MODELS and Path(value).expanduser().exists():
        return f"{Path(value).name} ({identity(value)})"
    if name == "against":
        return repr([Path(one).name for one in value])
    return value.name if isinstance(value, Path) else repr(value)


def _language(recipe: Recipe) -> str:
    """The captioners speak English; of texts that people gave, nobody knows."""
    if any(stage.name.startswith("caption.") for stage in recipe.stages):
        return "en"
    given = any(stage.name == "text.annotations" and _parameters(stage)["file"] for stage in recipe.stages)
    return UNKNOWN_LANGUAGE if given else NO_TEXT
