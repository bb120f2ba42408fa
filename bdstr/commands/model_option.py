"""``--model``: whose maps a command makes."""

from __future__ import annotations

import click

from sodeval.commands.completion import known

from ..packaged import packaged_presets

model_option = click.option(
    "--model",
    default="tiny",
    show_default=True,
    shell_complete=known(packaged_presets, files=True),
    help="A folder, a Hub id, or a preset.",
)
