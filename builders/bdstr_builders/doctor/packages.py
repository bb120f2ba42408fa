"""A package that is asked for, and what is installed of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from .damage import damage_of


@dataclass(frozen=True, slots=True)
class Package:
    """A package.

    Args:
        name: as its index calls it.
        wanted: versions that will do, e.g. ``>=2.0``; empty where all do.
        version: what is installed; None where nothing is.
        problem: what is wrong, and empty where nothing is.
    """

    name: str
    wanted: str
    version: str | None
    problem: str

    @property
    def sound(self) -> bool:
        return not self.problem


def look_at(requirement: Requirement, *, files: bool = False) -> Package:
    """What is installed of a package, by its metadata; nothing is imported.

    Args:
        requirement: as the metadata of bdstr says it.
        files: compare what lies on the disk with what was installed, too.

    Example:
        >>> look_at(Requirement("click>=999")).problem.startswith("needs >=999, not ")
        True
    """
    wanted = str(requirement.specifier)
    try:
        found = distribution(requirement.name)
    except PackageNotFoundError:
        return Package(requirement.name, wanted, None, "missing")
    version = _version_of(found)
    if version is None:
        return Package(requirement.name, wanted, None, "broken: its metadata name no version")
    problem = "" if requirement.specifier.contains(version, prereleases=True) else f"needs {wanted}, not "
    problem = f"{problem}{version}" if problem else damage_of(found) if files else ""
    return Package(requirement.name, wanted, version, problem)


def _version_of(found: Distribution) -> str | None:
    """None where an installation broke off, and metadata are empty."""
    try:
        version = str(found.metadata["Version"])
        Version(version)
    except (InvalidVersion, KeyError):
        return None
    return version


def requirements_of(texts: Iterable[str], extra: str = "") -> list[Requirement]:
    """What is asked for on this machine, by name: of the core, or beyond it of an extra.

    Args:
        texts: as the metadata have them, e.g. ``torch>=2.10; extra == "train"``.
        extra: its name; empty for the core.

    Example:
        >>> texts = ["numpy>=2", 'torch>=2.10; extra == "train"']
        >>> [str(one) for one in requirements_of(texts)]
        ['numpy>=2']
        >>> [one.name for one in requirements_of(texts, "train")]
        ['torch']
    """
    asked = sorted(map(Requirement, texts), key=lambda one: one.name.lower())
    if not extra:
        return [one for one in asked if _holds(one, "")]
    return [one for one in asked if _holds(one, extra) and not _holds(one, "")]


def _holds(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
