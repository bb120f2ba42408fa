"""The command ``bdstr``: a group whose commands are imported when they are called."""

from __future__ import annotations

import click

from sodeval import shell
from sodeval._version import __version__

SECTIONS = {
    "Try it": {
        "demo": ("bdstr.commands.demo:demo", "Go the whole way on a few photographs."),
    },
    "Make a dataset": {
        "annotate": ("bdstr_builders.commands.annotate:annotate", "Write what stands out in photographs."),
        "annotations": (
            "bdstr_builders.commands.annotations:answers",
            "Merge what several wrote; exchange it with tables.",
        ),
        "boxes": (
            "bdstr_builders.commands.boxes:boxes",
            "Write the boxes around drawn masks.",
        ),
        "hashes": (
            "bdstr_builders.commands.hashes:hashes",
            "Write what photographs look like, to keep clear of.",
        ),
        "finetune-captioner": (
            "bdstr_builders.commands.finetune:finetune",
            "Fine-tune BLIP on what people wrote of photographs.",
        ),
        "generate": ("bdstr_builders.commands.generate:generate", "Make a dataset of photographs alone."),
        "pack": ("bdstr_builders.commands.pack:pack", "Make a dataset of photographs and their masks."),
    },
    "Look at it": {
        "status": ("bdstr_builders.commands.status:status", "Tell how far a dataset is."),
        "inspect": (
            "bdstr_builders.commands.inspect:inspect",
            "Draw a dataset: masks, boxes, figures, on one page.",
        ),
        "audit": ("bdstr_builders.commands.audit:audit", "Score a dataset's masks against drawn ones."),
    },
    "Train and use a network": {
        "train": ("bdstr.commands.train:train", "Train a network on a dataset."),
        "predict": ("bdstr.commands.predict:predict", "Write saliency maps of photographs."),
        "cutout": ("bdstr.commands.cutout:cutout", "Save the object of a photograph on transparency."),
        "export": ("bdstr.commands.export:export", "Write a network for another runtime."),
    },
    "Compare (maps are scored by sodeval run)": {
        "leaderboard": (
            "bdstr_leaderboard.commands.leaderboard:leaderboard",
            "Tables and pages of published and measured figures.",
        ),
    },
    "Share": {
        "push": ("bdstr.commands.push:push", "Upload to the Hugging Face Hub."),
    },
    "Help": {
        "doctor": ("bdstr_builders.commands.doctor:doctor", "Tell what is installed, and what is missing."),
    },
}
"""Heading -> command -> where it is, and what help says of it: in the order of a journey."""


@click.group(
    "bdstr",
    cls=shell.LazyGroup,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="bdstr")
def cli() -> None:
    """Salient object detection from pseudo-labels: the dataset and what makes it.

    Exit codes: 0 done, 2 the call makes no sense, 3 input refused.

    \b
    Example:
      bdstr generate photos --recipe offline --out bds-tr
    """


def main() -> None:
    """The entry point."""
    shell.main(
        cli, resumable=frozenset({"demo", "finetune-captioner", "generate", "pack", "predict", "train"})
    )


if __name__ == "__main__":
    main()
