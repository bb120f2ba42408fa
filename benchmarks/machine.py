"""What figures are taken on: the processor, how many cores of it, and the versions of what computes."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from sodeval import kernels

CPU_INFO = Path("/proc/cpuinfo")


def processor() -> str:
    """Its model, as the system calls it."""
    lines = CPU_INFO.read_text().splitlines() if CPU_INFO.exists() else []
    named = (line.split(":")[1].strip() for line in lines if "model name" in line)
    return f"{next(named, platform.processor())}, {platform.system()}"


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Of Python, of sodeval's kernels, and of the packages."""
    of_packages = {name: version(name) for name in packages}
    return {"Python": platform.python_version(), "kernels": kernels.backend, **of_packages}
