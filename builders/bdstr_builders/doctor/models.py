"""The models that the recipes name, and whether they are here already."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..checkpoint import CONFIG, MODELS, PTH, SAFE
from ..shipped import known_recipes, shipped_text

State = Literal["cached", "without weights", "not cached", "file here", "file not here", "not known"]


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model as recipes name it.

    Args:
        name: a Hub id, or a file that people name.
        revision: of the Hub repository; empty for a file.
        recipes: those that use it.
        state: whether a run would have to download it.
        commit: what the cache has for that revision; empty where it has nothing.
        size_bytes: of what is there.
    """

    name: str
    revision: str
    recipes: tuple[str, ...]
    state: State
    commit: str = ""
    size_bytes: int = 0


def models() -> list[NamedModel]:
    """Those of all recipes that come with bdstr, by name; no network is touched."""
    users: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for recipe in known_recipes():
        for named in _named_in(tomllib.loads(shipped_text(recipe))):
            users[named].append(recipe)
    return [look_for(*named, tuple(dict.fromkeys(recipes))) for named, recipes in sorted(users.items())]


def _named_in(recipe: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Model, revision, and whether its weights are asked for: of a text encoder only the sizes are."""
    for stage in recipe["stage"]:
        for field in MODELS:
            revision = stage.get("revision" if field == "model" else f"{field}_revision", "")
            if field in stage:
                yield stage[field], revision, field == "model"


def look_for(name: str, revision: str, weights: bool, recipes: tuple[str, ...]) -> NamedModel:
    """Looks into the cache of the Hub, or for the file.

    Args:
        name: of the model.
        revision: of its repository.
        weights: whether it needs some.
        recipes: those that name it.
    """
    if name.endswith(PTH):
        there = Path(name).is_file()
        size = Path(name).stat().st_size if there else 0
        return NamedModel(name, "", recipes, "file here" if there else "file not here", size_bytes=size)
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return NamedModel(name, revision, recipes, "not known")
    config = try_to_load_from_cache(name, CONFIG, revision=revision)
    if not isinstance(config, str):
        return NamedModel(name, revision, recipes, "not cached")
    snapshot = Path(config).parent
    files = [file for file in snapshot.rglob("*") if file.is_file()]
    whole = not weights or any(file.match(SAFE) for file in files)
    size = sum(file.stat().st_size for file in files)
    return NamedModel(name, revision, recipes, "cached" if whole else "without weights", snapshot.name, size)
