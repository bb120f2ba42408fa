"""``--format``, and ``--json`` for short."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def format_option(*formats: str) -> Callable[[FunctionT], FunctionT]:
    """Gives a command ``format_``, one of `formats` and by default the first; ``--json`` says it is JSON."""
    named = click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        is_eager=True,
    )
    short = click.option(
        "--json", is_flag=True, expose_value=False, callback=_choose_json, help="Short for --format json."
    )
    return lambda function: named(short(function))


def _choose_json(context: click.Context, _: click.Parameter, chosen: bool) -> None:
    """``--format`` has been read before: it is eager."""
    if not chosen:
        return
    given = context.get_parameter_source("format_") is ParameterSource.COMMANDLINE
    if given and context.params["format_"] != "json":
        raise click.UsageError(f"--json and --format {context.params['format_']} exclude each other", context)
    context.params["format_"] = "json"
