"""``bdstr finetune-captioner``: a captioner that says what stands out."""

from __future__ import annotations

from pathlib import Path

import click

from bdstr.extras import need_models

from ..caption_settings import Settings
from .running import refuse_inside

DEFAULT = Settings()
MOST_LEFT_OUT = 5


@click.command("finetune-captioner")
@click.argument("texts", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("images", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--model", default=DEFAULT.model, show_default=True, help="A Hub id or a folder: where it starts."
)
@click.option(
    "--revision", default=DEFAULT.revision, show_default=True, help="Of the Hub repository: a commit."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The new model.")
@click.option("--prompt", default=DEFAULT.prompt, show_default=True, help="How every caption starts.")
@click.option("--epochs", type=click.IntRange(1), default=DEFAULT.epochs, show_default=True)
@click.option("--batch", type=click.IntRange(1), default=DEFAULT.batch, show_default=True, help="A device.")
@click.option("--learning-rate", type=float, default=DEFAULT.learning_rate, show_default=True)
@click.option("--weight-decay", type=float, default=DEFAULT.weight_decay, show_default=True)
@click.option(
    "--validation", type=float, default=DEFAULT.validation, show_default=True, help="Share held out."
)
@click.option("--samples", type=click.IntRange(1), default=DEFAULT.samples, show_default=True)
@click.option("--seed", type=int, default=DEFAULT.seed, show_default=True)
def finetune(texts: Path, images: Path, out: Path, **choices: object) -> None:
    """Fine-tune BLIP on texts: JSON lines of key and text, for photographs of a folder.

    Called again, it goes on from its last checkpoint. What it writes is a model for the stage caption.blip,
    with its settings in finetuning.json and captions of held-out photographs in samples.jsonl. For several
    GPUs: accelerate launch -m bdstr.cli finetune-captioner ...

    \b
    Example:
      bdstr finetune-captioner texts.jsonl photos --out blip-salient
      bdstr generate photos --recipe bds-tr --set caption.blip.model=blip-salient --out bds-tr
    """
    from ..finetuning import echo, find_pairs, open_run

    need_models("train")
    refuse_inside(out, images)
    settings = Settings(**choices)  # type: ignore[arg-type]
    pairs = find_pairs(texts, images, settings)
    for key, why in list(pairs.left_out.items())[:MOST_LEFT_OUT]:
        click.echo(f"left out {key}: {why}", err=True)
    if len(pairs.left_out) > MOST_LEFT_OUT:
        click.echo(f"and {len(pairs.left_out) - MOST_LEFT_OUT} more, listed in finetuning.json", err=True)
    if open_run(out, echo(settings, pairs)):
        click.echo(f"{out}: finished already")
        return
    from ..backends.caption_training import train

    click.echo(
        f"{len(pairs.train):,} photographs to learn from, {len(pairs.validation):,} held out", err=True
    )
    train(out, pairs, settings, lambda line: click.echo(line, err=True))
    click.echo(f"{out}: for a recipe, --set caption.blip.model={out}")
