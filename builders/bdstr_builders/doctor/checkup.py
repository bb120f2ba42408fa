"""Everything that `bdstr doctor` looks at."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

from packaging.specifiers import SpecifierSet

from bdstr.errors import InstallationError

from .device import Device, device
from .extras import Extra, in_order
from .hub import Hub, hub
from .kernels import Kernels, kernels
from .models import NamedModel, models
from .packages import Package, look_at, requirements_of
from .tools import Tool, tools


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found.

    Args:
        bdstr: its version.
        system: and machine, e.g. ``Linux x86_64``.
        python: that runs it.
        core: what nothing goes without.
        extras: what more there could be.
        device: for networks.
        kernels: of sodeval.
        models: of the recipes.
        tools: that are of use.
        hub: None where its client is broken.
    """

    bdstr: str
    system: str
    python: Package
    core: tuple[Package, ...]
    extras: tuple[Extra, ...]
    device: Device
    kernels: Kernels
    models: tuple[NamedModel, ...]
    tools: tuple[Tool, ...]
    hub: Hub | None

    @property
    def sound(self) -> bool:
        """Whether the core is whole, and as new as the project asks for."""
        return self.python.sound and all(package.sound for package in self.core)

    def to_json(self) -> Mapping[str, Any]:
        """Everything, for scripts."""
        extras = {
            extra.name: {"adds": extra.adds, "complete": extra.complete, "install": extra.install}
            | {"packages": [asdict(package) for package in extra.packages]}
            for extra in self.extras
        }
        return asdict(self) | {"sound": self.sound, "extras": extras}


def check_up() -> Checkup:
    """Looks at everything; of what is looked at only torch and the Hub's client are imported, where they are.

    Raises:
        InstallationError: bdstr itself is not installed, so that nobody knows what it needs.
    """
    mine = _mine()
    texts = mine.requires or []
    names = in_order(mine.metadata.get_all("Provides-Extra") or [])
    return Checkup(
        bdstr=mine.version,
        system=f"{platform.system()} {platform.machine()}",
        python=_python(mine.metadata["Requires-Python"]),
        core=tuple(look_at(one, files=True) for one in requirements_of(texts)),
        extras=tuple(Extra(name, tuple(map(look_at, requirements_of(texts, name)))) for name in names),
        device=device(),
        kernels=kernels(),
        models=tuple(models()),
        tools=tuple(tools()),
        hub=hub(),
    )


def _mine() -> Distribution:
    try:
        return distribution("bdstr")
    except PackageNotFoundError as error:
        raise InstallationError(
            "bdstr runs from a folder and is not installed, so what it needs is not written down; expected "
            "`pip install .` in a clone"
        ) from error


def _python(wanted: str) -> Package:
    version = platform.python_version()
    sound = SpecifierSet(wanted).contains(version, prereleases=True)
    return Package("Python", wanted, version, "" if sound else f"needs {wanted}, not {version}")
