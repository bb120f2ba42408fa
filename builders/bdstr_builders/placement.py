"""Where a recipe's models run: settled before a run begins, since it is part of what the run is.

A row may differ between devices: a GPU computes in bfloat16 where the processor computes in float32, and adds
up in another order. So what ``auto`` stands for is decided once, for the whole run, and goes into the
fingerprint: a run begun on a GPU refuses to go on without one, rather than mix two kinds of rows.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from bdstr.errors import UsageError
from bdstr.extras import need_models

if TYPE_CHECKING:  # a recipe needs numpy and more; the command's help needs only AUTO
    from .draft import Stage
    from .recipe import Recipe

AUTO = "auto"


def place(recipe: Recipe, device: str = AUTO) -> Recipe:
    """The recipe with a device and a precision for each of its models.

    Args:
        recipe: whose stages may name devices of their own; these stay.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``, for stages that leave it open.

    Raises:
        MissingExtraError: it has models, and what runs them is not installed.
        RecipeError: there is no such device here, or no such precision.
        UsageError: the recipe has no model that could run on a device other than the processor.
    """
    if not any(map(has_model, recipe.stages)):
        refuse_without_models(recipe, device)
        return recipe
    need_models("generate")
    return replace(recipe, stages=tuple(_placed(stage, device) for stage in recipe.stages))


def has_model(stage: Stage) -> bool:
    """Whether a stage runs on a device at all."""
    return "device" in {field.name for field in fields(stage)}  # type: ignore[arg-type]


def refuse_without_models(recipe: Recipe, device: str) -> None:
    """A device that nothing would use is a slip.

    Raises:
        UsageError: it is neither ``auto`` nor the processor.
    """
    if device not in (AUTO, "cpu"):
        raise UsageError(
            f"--device {device}: the recipe {recipe.name} has no model, it runs on the processor; "
            "expected auto or cpu, or a recipe with models"
        )


def _placed(stage: Stage, device: str) -> Stage:
    if not has_model(stage):
        return stage
    from .backends.loading import pick_device, pick_dtype

    model: Any = stage
    chosen = pick_device(device if model.device == AUTO else model.device)
    placed: Any = replace(model, device=str(chosen))
    if hasattr(model, "dtype"):  # others compute in float32 wherever they are
        placed = replace(placed, dtype=str(pick_dtype(model.dtype, chosen)).removeprefix("torch."))
    settled: Stage = placed
    return settled


def place_on_cluster(recipe: Recipe, device: str) -> Recipe:
    """The recipe for a cluster, whose GPUs the machine that starts the run need not have.

    Each worker has one GPU of its own there, so ``cuda`` is enough of a name. The precision is left to the
    GPUs: a cluster in which only some compute in bfloat16 needs a ``dtype`` in the recipe.

    Args:
        recipe: as for `place`.
        device: ``cpu`` or ``cuda``, for stages that leave it open.

    Raises:
        UsageError: it is another; or as for `place`.
    """
    if not any(map(has_model, recipe.stages)):
        refuse_without_models(recipe, device)
        return recipe
    if device not in ("cpu", "cuda"):
        raise UsageError(f"--device {device} on a cluster; expected cuda or cpu: say which its workers have")
    return replace(recipe, stages=tuple(_sent(stage, device) for stage in recipe.stages))


def _sent(stage: Any, device: str) -> Stage:
    sent: Stage = replace(stage, device=device) if has_model(stage) and stage.device == AUTO else stage
    return sent


def placed_on(recipe: Recipe) -> tuple[str, ...]:
    """The kinds of device that its models run on; none where it has none.

    Example:
        >>> from .recipe import Recipe
        >>> from .stages.sam import Sam
        >>> placed_on(Recipe("r", 1, (Sam(device="cpu"), Sam(device="cuda:1"))))
        ('cpu', 'cuda')
    """
    models: list[Any] = [stage for stage in recipe.stages if has_model(stage)]
    return tuple(sorted({str(model.device).partition(":")[0] for model in models}))


def of_process(recipe: Recipe, process: int, gpus: int) -> Recipe:
    """The recipe for one of several processes of this machine: in turn, each on another GPU.

    A stage that names its GPU keeps it. Which GPU it is changes no row and no fingerprint. Tested without a
    GPU; on several, it has not been run.

    Args:
        recipe: as `place` gives it.
        process: its number, from 0.
        gpus: that torch sees here.

    Example:
        >>> from .recipe import Recipe
        >>> from .stages.sam import Sam
        >>> [of_process(Recipe("r", 1, (Sam(device="cuda"),)), i, 2).stages[0].device for i in range(3)]
        ['cuda:0', 'cuda:1', 'cuda:0']
    """
    if not gpus:
        return recipe
    return replace(recipe, stages=tuple(_on_gpu(stage, process % gpus) for stage in recipe.stages))


def _on_gpu(stage: Any, number: int) -> Stage:
    moved: Stage = replace(stage, device=f"cuda:{number}") if _is_open(stage) else stage
    return moved


def _is_open(stage: Any) -> bool:
    return has_model(stage) and stage.device == "cuda"


def gpus_for(recipe: Recipe) -> int:
    """How many GPUs there are for its models that leave open which; 0 where there are no such models."""
    if not any(map(_is_open, recipe.stages)):
        return 0
    import torch

    return torch.cuda.device_count()
