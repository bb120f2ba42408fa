"""Settings as people write them: TOML and ``--set``."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from sodeval.errors import did_you_mean

from ..errors import UsageError
from .settings import Settings


def read_settings(file: Path | None = None, texts: Iterable[str] = ()) -> Settings:
    """The settings of a file, with those of ``--set`` over them.

    Args:
        file: TOML: keys are the fields of `Settings`, fields of `DEDecoderConfig` are in the table ``model``.
        texts: ``KEY=VALUE`` or ``model.KEY=VALUE``. A value is read as TOML where it is some, else as text.

    Raises:
        UsageError: the file cannot be read; a key is unknown (the nearest known is named) or its value of
            another type.

    Example:
        >>> read_settings(texts=["epochs=5", "model.upsample=bilinear"]).model
        {'upsample': 'bilinear'}
    """
    settings = Settings()
    if file is not None:
        settings = changed(settings, _read(file), str(file))
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set {text}; expected KEY=VALUE, e.g. epochs=5 or model.upsample=bilinear")
        table, dot, key = name.strip().partition(".")
        read = _value(value.strip())
        settings = changed(settings, {table: {key: read}} if dot else {table: read}, f"--set {text}")
    return settings


def changed(settings: Settings, values: Mapping[str, Any], where: str) -> Settings:
    """Settings with other values, which were read from somewhere; see `read_settings`."""
    hints = get_type_hints(Settings)
    known = [each.name for each in fields(Settings)]
    _refuse_unknown(values, known, where)
    checked = {name: _checked(value, hints[name], f"{where}: {name}") for name, value in values.items()}
    if "model" in checked:
        _refuse_unknown(checked["model"], _model_fields(), f"{where}: model")
        checked["model"] = {**settings.model, **checked["model"]}
    return replace(settings, **checked)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}; expected settings in TOML") from error
    except ValueError as error:
        raise UsageError(f"{file} is no TOML: {error}") from error


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _model_fields() -> list[str]:
    from ..model.configuration_dedecoder import DEDecoderConfig  # after transformers, which takes seconds

    names = list(inspect.signature(DEDecoderConfig.__init__).parameters)
    return [name for name in names if name not in ("self", "kwargs", "backbone_config")]


def _refuse_unknown(values: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    names = list(known)
    for name in values:
        if name not in names:
            raise UsageError(f"{where}: nothing is called {name!r}{did_you_mean(name, names)}")


def _checked(value: Any, kind: Any, where: str) -> Any:
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise UsageError(f"{where} is {value!r}; expected a list")
        return tuple(_checked(one, get_args(kind)[0], where) for one in value)
    if kind is float and type(value) is int:
        return float(value)
    wanted = dict if get_origin(kind) is not None else kind
    if type(value) is not wanted:
        raise UsageError(f"{where} is {value!r}; expected {'a table' if wanted is dict else wanted.__name__}")
    return value
