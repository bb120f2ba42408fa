"""Which commits a recipe's models are, of those on the Hub: settled before a run begins.

A branch such as ``main`` is whatever its owner uploads next. So what a branch or tag stands for is decided
once, for the whole run, and goes into the fingerprint: every process and node loads that commit, and a run
that is called again after the branch has moved refuses to go on, rather than mix rows of two models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bdstr.errors import RecipeError
from bdstr.packaged import packaged_folder

from .checkpoint import CONFIG, MODELS, PTH, folder_of

if TYPE_CHECKING:  # a recipe needs numpy and more; who asks what a plan says does not
    from .draft import Stage
    from .recipe import Recipe

_COMMIT = re.compile("[0-9a-f]{40}")
_SAID = re.compile(r"(\S+revision)=([0-9a-f]{40})")


def pin(recipe: Recipe) -> Recipe:
    """The recipe with the commit of each of its models on the Hub in place of a branch or a tag.

    Without a network, or with ``HF_HUB_OFFLINE``, it is the commit that was downloaded last.

    Raises:
        RecipeError: the Hub has no such model or revision, or cannot be asked and nothing was downloaded.
    """
    models = [
        list(_on_hub(stage)) for stage in recipe.stages
    ]  # folders are looked for before the Hub is asked
    return replace(recipe, stages=tuple(map(_pinned, recipe.stages, models)))


def _pinned(stage: Any, models: Sequence[tuple[str, str]]) -> Stage:
    commits = {field: commit_of(model, getattr(stage, field)) for field, model in models}
    pinned: Stage = replace(stage, **commits) if commits else stage
    return pinned


def commits_of(recipe: Recipe) -> tuple[str, ...]:
    """The commits of a recipe's models on the Hub, each as ``--set`` takes it; none of what is not pinned.

    Example:
        >>> from .recipe import Recipe
        >>> from .stages.sam import Sam
        >>> commits_of(Recipe("r", 1, (Sam(revision="70c1a07f894ebb5b307fd9eaaee97b9dfc16068f"),)))
        ('segment.sam.revision=70c1a07f894ebb5b307fd9eaaee97b9dfc16068f',)
    """
    said = (
        f"{stage.name}.{field}={getattr(stage, field)}"
        for stage in recipe.stages
        for field, _ in _on_hub(stage)
    )
    return tuple(one for one in said if _SAID.fullmatch(one))


def commits_in(work: str) -> Mapping[str, str]:
    """Stage and parameter -> commit, as a plan says them.

    Example:
        >>> commits_in("r 01ab on cpu with segment.sam.revision=70c1a07f894ebb5b307fd9eaaee97b9dfc16068f")
        {'segment.sam.revision': '70c1a07f894ebb5b307fd9eaaee97b9dfc16068f'}
    """
    return dict(_SAID.findall(work))


def _on_hub(stage: Any) -> Iterator[tuple[str, str]]:
    """The parameters that hold revisions of models on the Hub, and those models."""
    for name in MODELS:
        field = "revision" if name == "model" else f"{name}_revision"
        if hasattr(stage, name) and hasattr(stage, field) and _is_on_hub(stage.name, getattr(stage, name)):
            yield field, getattr(stage, name)


def _is_on_hub(stage: str, model: str) -> bool:
    if stage == "ground.network" and "/" not in model and not Path(model).expanduser().is_dir():
        return False  # a preset; one without weights is refused when it is loaded
    return not model.endswith(PTH) and folder_of(model) is None and packaged_folder(model) is None


def commit_of(model: str, revision: str) -> str:
    """The commit that a branch, a tag or a pull request's name stands for now; a commit is itself.

    Args:
        model: a Hub id.
        revision: of the repository.

    Raises:
        RecipeError: see `pin`.
    """
    if _COMMIT.fullmatch(revision):
        return revision
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    broken_off: Any = HfHubHTTPError.__bases__[0]  # of whichever library the client speaks HTTP with
    try:
        file = hf_hub_download(model, CONFIG, revision=revision)
    except (OSError, ValueError, broken_off) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise RecipeError(
            f"{model} at {revision}: which commit that is cannot be found ({reason}); expected a Hub id and "
            "a revision of it, and a network or what was downloaded before; or a folder that save_pretrained "
            "wrote"
        ) from error
    return Path(file).parent.name  # .../snapshots/COMMIT/config.json
