"""Whether packages can be imported, each in its own process: code for another processor kills that."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution

from .damage import modules_of
from .packages import Package

LONGEST_S = 120.0


def import_problem(package: Package) -> str:
    """What goes wrong when an installed package is imported; empty where nothing does.

    Args:
        package: one that is installed.
    """
    modules = modules_of(distribution(package.name))
    if not modules:
        return ""
    call = [sys.executable, "-W", "ignore", "-c", f"import {', '.join(modules)}"]
    try:
        done = subprocess.run(call, capture_output=True, text=True, errors="replace", timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        return f"broken: not imported after {LONGEST_S:.0f} s"
    if done.returncode == 0:
        return ""
    said = done.stderr.strip().splitlines()
    return f"broken: {said[-1] if said else f'its import ends with {done.returncode}'}"
