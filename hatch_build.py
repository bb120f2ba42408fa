"""Compiles sodeval's C kernel, where there is a compiler; without one sodeval computes the same in numpy."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

PACKAGE = Path("evaluation", "sodeval")
# No flag that lets the compiler change a result: every machine computes the same bits.
FLAGS = {"unix": ["-O3", "-ffp-contract=off"], "msvc": ["/O2", "/fp:precise"]}


class _BuildKernel(build_ext):
    def build_extension(self, ext: Extension) -> None:
        ext.extra_compile_args = FLAGS["msvc" if self.compiler.compiler_type == "msvc" else "unix"]
        super().build_extension(ext)


def compile_kernel(source: Path, folder: Path) -> Path | None:
    """The extension compiled from ``source`` into ``folder``; None where it cannot be compiled."""
    math = ["m"] if os.name == "posix" else []  # elsewhere part of the C library
    kernel = Extension("_kernels", [str(source)], libraries=math, py_limited_api=True, optional=True)
    command = _BuildKernel(Distribution({"ext_modules": [kernel]}))
    command.build_lib, command.build_temp = str(folder), str(folder / "objects")
    command.ensure_finalized()
    command.run()
    return next((path for path in folder.iterdir() if path.is_file()), None)


class KernelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the kernel into the wheel, or beside its source where the install is editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        package = Path(self.root, PACKAGE)
        self._folder = TemporaryDirectory()  # outlives this call: hatchling packs from it
        kernel = None
        # The stable interface of C extensions is CPython's alone.
        if sys.implementation.name == "cpython" and not os.environ.get("SODEVAL_NO_EXTENSION"):
            kernel = compile_kernel(package / "_kernels.c", Path(self._folder.name))
            if kernel is None:
                self.app.display_warning("sodeval: no C kernel could be compiled; numpy will serve, slower")
        if version == "editable":
            for stale in [*package.glob("_kernels.*so"), *package.glob("_kernels.*pyd")]:
                stale.unlink()
            if kernel:
                shutil.copy(kernel, package)
        elif kernel:
            build_data["force_include"][str(kernel)] = f"sodeval/{kernel.name}"
        if kernel:
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{platform}"
