"""A recipe: which stages turn a photograph into a row, with every choice that changes one, as data."""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

from bdstr.errors import RecipeError
from sodeval.errors import did_you_mean

from .checkpoint import MODELS, identity
from .draft import SEGMENTS, Stage
from .hash_list import digest_of_list
from .shipped import known_recipes, shipped_text

STAGES: Mapping[str, str] = {
    "text.annotations": "bdstr_builders.stages.annotations:AnnotatedText",
    "ground.annotations": "bdstr_builders.stages.annotations:AnnotatedBoxes",
    "ground.saliency": "bdstr_builders.stages.saliency_box:SaliencyBox",
    "ground.network": "bdstr_builders.stages.network_box:NetworkBox",
    "segment.grabcut": "bdstr_builders.stages.grabcut:GrabCut",
    "caption.blip": "bdstr_builders.stages.blip:Blip",
    "ground.dino": "bdstr_builders.stages.grounding_dino:GroundingDino",
    "segment.sam": "bdstr_builders.stages.sam:Sam",
    "check.duplicates": "bdstr_builders.stages.duplicates:Duplicates",
    "check.leakage": "bdstr_builders.stages.leakage:Leakage",
    "check.flip": "bdstr_builders.stages.flip:Flip",
    "ground.dino-original": "bdstr_builders.stages.originals:GroundingDinoOriginal",
    "segment.sam-original": "bdstr_builders.stages.originals:SamOriginal",
    "check.quality": "bdstr_builders.stages.quality:Quality",
}
"""What ``use`` in a recipe may say -> the parameters of that stage."""

_TOP = ("name", "seed", "stage")


@dataclass(frozen=True, slots=True)
class Recipe:
    """The stages in order, and the seed of whatever is drawn at random.

    Args:
        name: of the recipe.
        seed: handed to each stage that draws.
        stages: name -> parameters, in order.
    """

    name: str
    seed: int
    stages: tuple[Stage, ...]

    @property
    def fingerprint(self) -> str:
        """16 hex digits over all that can change a row: stages, their versions, parameters, seed."""
        values = [[stage.name, stage.version, _parameters(stage)] for stage in self.stages]
        text = json.dumps([self.seed, values], sort_keys=True, default=_content)  # a file by what it holds
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _parameters(stage: Stage) -> dict[str, Any]:
    """All of them; models and lists of hashes by what they hold, wherever they lie; of GPUs not which."""
    values: dict[str, Any] = asdict(stage)  # type: ignore[call-overload]
    if "device" in values:
        values["device"] = values["device"].partition(":")[0]
    if "against" in values:
        values["against"] = sorted(map(digest_of_list, values["against"]))
    return values | {name: identity(values[name]) for name in MODELS if name in values}


def _content(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise RecipeError(f"{file} cannot be read: {error.strerror}; check the path") from error


def read_recipe(name: str, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> Recipe:
    """The recipe of that name, or in that file.

    Args:
        name: of one that comes with bdstr, or a path that ends with ``.toml``.
        overrides: stage -> parameter -> value, e.g. of the file of annotations.

    Raises:
        RecipeError: there is none; it is no TOML; a stage or parameter is unknown (the nearest known is
            named) or of another type; or no photograph could get a row, for want of a stage before another.
    """
    path = Path(name) if name.endswith(".toml") else None
    if path is None and name not in known_recipes():
        raise RecipeError(f"no recipe {name!r}{did_you_mean(name, known_recipes())}")
    try:
        text = path.read_text("utf-8") if path else shipped_text(name)
        values = tomllib.loads(text)
    except OSError as error:
        raise RecipeError(f"{name} cannot be read: {error.strerror}; expected a recipe in TOML") from error
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"{name} is no TOML: {error}") from error
    return recipe_of(values, name, overrides or {})


def recipe_of(values: Mapping[str, Any], where: str, overrides: Mapping[str, Mapping[str, Any]]) -> Recipe:
    """The recipe that some TOML describes; see `read_recipe`."""
    _refuse_unknown(values, _TOP, where)
    missing = [name for name in _TOP if name not in values]
    if missing:
        raise RecipeError(f"{where}: no {', '.join(missing)}; expected name, seed and at least one [[stage]]")
    name, seed = (
        _checked(values[key], kind, f"{where}: {key}") for key, kind in (("name", str), ("seed", int))
    )
    stages = tuple(_stage_of(entry, where, overrides) for entry in _tables(values["stage"], where))
    _refuse_without_rows([stage.name for stage in stages], where)
    return Recipe(name, seed, stages)


def _tables(value: Any, where: str) -> list[dict[str, Any]]:
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return value
    found = "one table, as [stage] begins one" if isinstance(value, dict) else repr(value)
    raise RecipeError(f"{where}: stage is {found}; expected tables, each begun by [[stage]]")


_NEEDED: Mapping[str, tuple[str, ...]] = {
    "ground.dino": ("text.", "caption."),
    SEGMENTS: ("ground.",),
    "check.flip": (SEGMENTS,),
    "check.quality": (SEGMENTS,),
}
"""How a stage's name begins -> how one before it must, without which it rejects every photograph."""


def _refuse_without_rows(names: Sequence[str], where: str) -> None:
    for number, name in enumerate(names):
        for beginning, wanted in _NEEDED.items():
            if name.startswith(beginning) and not any(one.startswith(wanted) for one in names[:number]):
                before = " or ".join(f"{one}*" for one in wanted)
                raise RecipeError(f"{where}: {name} comes before any {before}; expected it after one")
    if not any(name.startswith(SEGMENTS) for name in names):
        raise RecipeError(f"{where}: no stage {SEGMENTS}*; expected one, since rows have masks")


def _stage_of(entry: Mapping[str, Any], where: str, overrides: Mapping[str, Mapping[str, Any]]) -> Stage:
    if "use" not in entry:
        raise RecipeError(f"{where}: a [[stage]] without use{did_you_mean('', STAGES)}")
    use = _checked(entry["use"], str, f"{where}: use")
    if use not in STAGES:
        raise RecipeError(f"{where}: a stage that uses {use!r}{did_you_mean(use, STAGES)}")
    module, name = STAGES[use].split(":")
    kind = getattr(import_module(module), name)
    choices = {key: value for key, value in entry.items() if key != "use"} | dict(overrides.get(use, {}))
    known = {field.name for field in fields(kind)}
    _refuse_unknown(choices, sorted(known), f"{where}: {use}")
    hints = get_type_hints(kind)
    stage: Stage = kind(
        **{key: _checked(value, hints[key], f"{where}: {use}: {key}") for key, value in choices.items()}
    )
    return stage


def _refuse_unknown(values: Mapping[str, Any], known: Any, where: str) -> None:
    for name in values:
        if name not in known:
            raise RecipeError(f"{where}: nothing is called {name!r}{did_you_mean(name, known)}")


_IN_WORDS: Mapping[Any, str] = {tuple[str, ...]: "a list of strings"}


def _checked(value: Any, kind: Any, where: str) -> Any:
    kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if float in kinds and type(value) is int and abs(value) <= sys.float_info.max:
        return float(value)
    if Path in kinds and isinstance(value, str | Path):
        return Path(value)
    if kind == tuple[str, ...] and isinstance(value, list) and all(type(one) is str for one in value):
        return tuple(value)
    if type(value) not in kinds:
        expected = " or ".join(_IN_WORDS.get(one, getattr(one, "__name__", str(one))) for one in kinds)
        raise RecipeError(f"{where} is {value!r}; expected {expected}")
    return value
