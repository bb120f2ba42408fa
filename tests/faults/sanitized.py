"""Runs test files against a kernel compiled with sanitizers: `python sanitized.py KERNEL FILE...`."""

from __future__ import annotations

import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import pytest

NAME = "sodeval._kernels"


def use_kernel(path: str) -> ModuleType:
    """Whoever imports the kernel from now on gets this one."""
    spec = spec_from_file_location(NAME, path, loader=ExtensionFileLoader(NAME, path))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[NAME] = module
    return module


if __name__ == "__main__":
    kernel = use_kernel(sys.argv[1])
    code = pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[2:]])

    from sodeval import kernels

    assert kernels.mask_moments is kernel.mask_moments
    sys.exit(code)
