"""``bdstr generate``: photographs alone as a dataset, by a recipe."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bdstr.errors import UsageError
from sodeval.commands.completion import known
from sodeval.printable import printable

from ..pinning import pin
from ..placement import AUTO, place, place_on_cluster, placed_on
from ..run.plan import ROWS_A_SHARD, find_plan, make_plan
from ..shipped import known_recipes
from .progress import progresses
from .running import begin_again, part_of, refuse_inside, say
from .settings import read_settings, refuse_unused
from .sourcing import Sourcing, source_options

if TYPE_CHECKING:
    from ..recipe import Recipe

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("images", type=click.Path(path_type=Path))
@click.option(
    "--recipe",
    "name",
    default="offline",
    show_default=True,
    shell_complete=known(known_recipes, files=True),
    help="Its name, or a file in TOML.",
)
@click.option("--annotations", type=click.Path(path_type=Path), help="Texts and boxes, JSON lines.")
@click.option(
    "--set", "settings", multiple=True, metavar="STAGE.PARAM=VALUE", help="Another value than the recipe's."
)
@click.option(
    "--device",
    default=AUTO,
    show_default=True,
    metavar="auto|cpu|cuda|cuda:N|mps",
    help="For models that name none; auto is the first GPU, or else the processor.",
)
@click.option("--out", type=FOLDER, required=True, help="Folder of the dataset.")
@source_options
@click.option("--rows-per-shard", type=click.IntRange(1), default=ROWS_A_SHARD, show_default=True)
@click.option(
    "--processes",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Each on another GPU, in turn.",
)
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True)
@click.option(
    "--ray-address", metavar="HOST:PORT", help="Of the cluster; else RAY_ADDRESS, or one started here."
)
@click.option(
    "--shard", metavar="PART/OF", help="Only a part of the shards, e.g. 3/16: for several machines."
)
@click.option("--retry-rejects", "reason", metavar="REASON", help="Once more what was rejected for it.")
@click.option("--limit", type=click.IntRange(1), help="Only so many photographs, the first by name.")
def generate(
    images: Path,
    name: str,
    annotations: Path | None,
    settings: tuple[str, ...],
    device: str,
    out: Path,
    given: Sourcing,
    rows_per_shard: int,
    processes: int,
    engine: str,
    ray_address: str | None,
    shard: str | None,
    reason: str | None,
    limit: int | None,
) -> None:
    """Make a dataset of photographs alone: of a folder, or of Parquet files such as `bdstr pack` writes.

    Called again, it goes on where it stopped; another recipe, or another kind of device for its models, never
    mixes with what is there. A photograph that gets no row is in rejects.parquet, with the reason.
    One whose file was modified after its shard was made is told; --retry-rejects makes rejected ones anew.

    Models of the Hub are taken at the commits that their revisions stand for when the run begins. Where a
    branch has moved since, it goes on only at the commit it began with, and says by which --set.

    \b
    Examples:
      bdstr generate photos --recipe offline --annotations boxes.jsonl --out bds-tr
      bdstr generate photos --recipe my.toml --out bds-tr --shard 3/16
      bdstr generate photos-packed --out bds-tr --validation 0.05 --licence CC0-1.0
      bdstr generate photos --recipe bds-tr --set caption.blip.model=blip-salient --device cuda --out bds-tr
    """
    from ..pipeline import Generating
    from ..recipe import read_recipe
    from ..run.local import run
    from ..run.retrying import refuse_unknown_reason

    refuse_inside(out, images)
    part = part_of(shard)
    _refuse_of_other_engine(engine, processes, ray_address, shard)
    chosen = read_settings(settings)
    files = {
        stage: {"file": annotations} for stage in ("text.annotations", "ground.annotations") if annotations
    }
    recipe = read_recipe(name, files | {stage: files.get(stage, {}) | more for stage, more in chosen.items()})
    refuse_unused(chosen, recipe)
    recipe, gpus = _placed(recipe, device, engine, ray_address)
    found = given.find(images, with_masks=False)
    _tell_strangers(recipe, {item.key for item in found.items})
    found = given.arrange(found, limit)
    if reason is not None:
        refuse_unknown_reason(out, find_plan(out), reason)
    work = Generating(pin(recipe), found.categories, given.source, given.licence)
    plan = make_plan(out, found, work.in_words, rows_per_shard)
    begin_again(plan, found, reason, part)
    with progresses([f"{out.name}: comparing", out.name]) as (on_hash, on_progress):
        if engine == "ray":
            from ..run.ray_engine import run_on_ray

            summary = run_on_ray(
                plan, found, work, gpus_a_worker=gpus, on_progress=on_progress, on_hash=on_hash
            )
        else:
            summary = run(
                plan,
                found,
                work,
                processes=processes,
                part=part,
                on_progress=on_progress,
                on_hash=on_hash,
            )
    say(summary, out)


def _refuse_of_other_engine(engine: str, processes: int, ray_address: str | None, shard: str | None) -> None:
    """An option that the engine would pass over is a slip.

    Raises:
        UsageError: names it.
    """
    if engine == "local" and ray_address:
        raise UsageError(f"--ray-address {ray_address}; expected --engine ray with it, or leave it out")
    if engine == "ray" and (shard or processes > 1):
        given = f"--shard {shard}" if shard else f"--processes {processes}"
        raise UsageError(
            f"{given} with --engine ray, which hands all shards out to as many workers as the cluster has "
            "room for: leave it out"
        )


def _tell_strangers(recipe: Recipe, keys: Container[str]) -> None:
    """Says which annotations are not of the photographs: by other keys, all of them would do nothing."""
    from ..stages.annotations import strangers

    for file in dict.fromkeys(getattr(stage, "file", None) for stage in recipe.stages):
        if file and (said := strangers(file, keys)):
            click.echo(printable(said), err=True)


def _placed(recipe: Recipe, device: str, engine: str, ray_address: str | None) -> tuple[Recipe, float]:
    """The recipe with its devices, refused before any work; the GPUs that each worker of a cluster holds."""
    if engine == "local":
        return place(recipe, device), 0.0
    from ..run.ray_engine import join

    recipe = place_on_cluster(recipe, device)
    gpus = float("cuda" in placed_on(recipe))
    join(ray_address, gpus)
    return recipe, gpus
