"""What was found, for people: aligned, without colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from bdstr.commands.push import in_units
from sodeval.printable import printable

from .checkup import Checkup
from .device import Device
from .extras import Extra
from .hub import Hub
from .kernels import Kernels
from .models import NamedModel
from .packages import Package

WIDTH = 110
NO_BREAK = "\N{NO-BREAK SPACE}"


def to_text(found: Checkup) -> str:
    """The whole page."""
    wrong = sum(not package.sound for package in (found.python, *found.core))
    sections: dict[str, Iterable[str]] = {
        f"Core: {f'{wrong} not as it should be' if wrong else 'whole'}": _packages(found),
        "Extras: pip install '.[NAME]' in a clone of bdstr": _extras(found.extras),
        "Device of networks": _device(found.device),
        "Kernels of sodeval": _kernels(found.kernels),
        "Models that recipes name": in_columns(map(_model, found.models)),
        "Programs that are of use, and not needed": in_columns(
            (tool.name, tool.path or "not found", tool.use) for tool in found.tools
        ),
        "Hugging Face Hub": _hub(found.hub),
    }
    lines = [f"bdstr {found.bdstr}, {found.python.name} {found.python.version}, {found.system}"]
    for title, body in sections.items():
        lines += ["", title, *(f"  {line}" for line in body)]
    return "\n".join(map(printable, [*lines, *_advice(found)]))


def in_columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows in columns, each as wide as its widest cell, but for the last.

    Example:
        >>> in_columns([("a", "1"), ("bcd", "2")])
        ['a    1', 'bcd  2']
    """
    held = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*(row[:-1] for row in held), strict=True)]
    return [
        "  ".join([*(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in held
    ]


def _packages(found: Checkup) -> list[str]:
    packages = [*([] if found.python.sound else [found.python]), *found.core]
    return in_columns((one.name, one.version or "-", one.wanted, one.problem) for one in packages)


def _extras(extras: Sequence[Extra]) -> Iterator[str]:
    indent = " " * (max((len(extra.name) for extra in extras), default=0) + 2)
    heads = in_columns((one.name, "complete" if one.complete else "not complete", one.adds) for one in extras)
    for head, extra in zip(heads, extras, strict=True):
        yield head
        listed = ", ".join(map(_said, extra.packages))
        lines = wrap(listed, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
        yield from (line.replace(NO_BREAK, " ") for line in lines)


def _said(package: Package) -> str:
    """On one line."""
    return f"{package.name} {package.problem or package.version}".replace(" ", NO_BREAK)


def _device(device: Device) -> list[str]:
    if not device.kind:
        return [device.note]
    memory = f", {in_units(device.memory_bytes)} of memory" if device.memory_bytes else ""
    return [f"{device.kind}  {device.name}{memory}", *([device.note] if device.note else [])]


def _kernels(kernels: Kernels) -> list[str]:
    if kernels.backend == "c":
        return ["c  compiled"]
    return [f"numpy  the same scores to 1e-12, slower: {kernels.note}"]


def _model(model: NamedModel) -> tuple[str, ...]:
    size = f", {in_units(model.size_bytes)}" if model.size_bytes else ""
    commit = f" at {model.commit[:8]}" if model.commit else ""
    revision = model.revision[:8] or "-"
    return model.name, revision, f"{model.state}{commit}{size}", ", ".join(model.recipes)


def _hub(hub: Hub | None) -> list[str]:
    if hub is None:
        return ["huggingface_hub cannot be imported"]
    return in_columns(
        (
            ("HF_HOME", hub.home),
            ("HF_HUB_OFFLINE", "on: nothing is downloaded" if hub.offline else "off"),
            ("token", "set" if hub.token else "not set: public repositories can be read, none written"),
        )
    )


def _advice(found: Checkup) -> list[str]:
    if found.sound:
        return []
    if not found.python.sound:
        return ["", f"Python {found.python.problem}: make a new environment by a newer one."]
    names = " ".join(package.name for package in found.core if not package.sound)
    broken = any(package.problem.startswith("broken") for package in found.core)
    how = f"pip install --force-reinstall {names}" if broken else "pip install . in a clone of bdstr"
    return ["", f"To mend the core: {how}"]
