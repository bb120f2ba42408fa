"""What the project stands on: packaging, imports, and a test run that leaves nothing out."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import TypeCheckError

import bdstr
from sodeval._version import __version__
from sodeval.report import PerImage

ROOT = Path(__file__).parents[1]
PACKAGES = ("bdstr", "builders/bdstr_builders", "evaluation/sodeval", "leaderboard/bdstr_leaderboard")
NO_COMPILER = {"CC": "/nonexistent/cc"}


def run(*command: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if k not in ("CI", "SODEVAL_NO_EXTENSION")}
    return subprocess.run(command, cwd=cwd, env=environ | env, capture_output=True, text=True)


def build(target: str, folder: Path, source: Path = ROOT, **env: str) -> Path:
    done = run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder, cwd=source, **env)
    assert done.returncode == 0, done.stderr
    (built,) = folder.iterdir()
    return built


def members(wheel: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


def installed_files() -> set[str]:
    """Every file of the packages as a wheel names it, the kernel and its source left out."""
    left_out = {".c", ".so", ".pyd", ".pyc"}
    roots = {package: (ROOT / package).rglob("*") for package in PACKAGES}
    return {
        file.relative_to((ROOT / package).parent).as_posix()
        for package, files in roots.items()
        for file in files
        if file.is_file() and file.suffix not in left_out
    }


@pytest.fixture(scope="module")
def pure_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("pure"), **NO_COMPILER)


def test_the_version_is_the_same_everywhere():
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert bdstr.__version__ == __version__
    assert importlib.metadata.version("bdstr") == __version__
    assert cited is not None
    assert cited[1] == __version__


def test_without_a_compiler_the_wheel_is_pure_and_holds_every_file(pure_wheel: Path):
    assert pure_wheel.name == f"bdstr-{__version__}-py3-none-any.whl"
    assert members(pure_wheel) == installed_files()


def test_a_pure_wheel_imports_without_a_kernel(pure_wheel: Path, tmp_path: Path):
    zipfile.ZipFile(pure_wheel).extractall(tmp_path)
    code = (
        "import bdstr, bdstr_builders, bdstr_leaderboard, sodeval; from importlib.util import find_spec;"
        "print(sodeval.__file__, find_spec('sodeval._kernels'))"
    )
    done = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.stdout.split() == [str(tmp_path / "sodeval" / "__init__.py"), "None"], done.stderr


def test_the_extension_can_be_left_out_on_request(tmp_path: Path):
    assert build("wheel", tmp_path, SODEVAL_NO_EXTENSION="1").name.endswith("-py3-none-any.whl")


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
def test_with_a_compiler_the_wheel_holds_one_kernel_for_every_python(tmp_path: Path):
    wheel = build("wheel", tmp_path)
    (kernel,) = members(wheel) - installed_files()
    assert re.fullmatch(r"sodeval/_kernels\.(abi3\.so|pyd)", kernel)
    assert wheel.name.startswith(f"bdstr-{__version__}-cp311-abi3-")


def test_a_wheel_can_be_made_from_the_source_distribution(tmp_path: Path):
    sdist = build("sdist", tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / sdist.name.removesuffix(".tar.gz")
    assert (source / "evaluation/sodeval/_kernels.c").is_file()
    assert members(build("wheel", tmp_path / "wheel", source, **NO_COMPILER)) == installed_files()


def test_a_stale_kernel_does_not_survive_a_failed_compilation(tmp_path: Path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    stale = tmp_path / "evaluation/sodeval/_kernels.abi3.so"
    stale.write_bytes(b"of an earlier source")
    code = "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])"
    done = run(sys.executable, "-c", code, tmp_path, cwd=tmp_path, **NO_COMPILER)
    assert done.returncode == 0, done.stderr
    assert "no C kernel could be compiled" in done.stderr
    assert not stale.exists()


@pytest.mark.parametrize("module", ["bdstr", "sodeval", "sodeval.cli"])
def test_importing_stays_light(module: str):
    heavy = {"PIL", "cv2", "kornia_rs", "matplotlib", "pandas", "scipy"}
    code = f"import {module}, sys; print(*({heavy} & set(sys.modules)))"
    done = run(sys.executable, "-c", code)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_array_shapes_are_checked_under_pytest():
    with pytest.raises(TypeCheckError):
        PerImage(keys=("a", "b"), values={"MAE": np.zeros((2, 2))})


def test_an_old_python_is_refused_with_what_to_do(tmp_path: Path):
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.1 || exit 1\n')
    old.chmod(0o755)
    done = run("make", "-f", ROOT / "Makefile", ".venv/.made", f"PYTHON={old}", cwd=tmp_path)
    assert done.returncode != 0
    assert "is Python 3.9.1; expected Python 3.11 or newer" in done.stderr


SKIPPED_TESTS = """
import pytest

@pytest.mark.parity
def test_parity():
    pytest.skip("no reference")

def test_other():
    pytest.skip("no compiler")
"""
SKIPPED_MODULE = "import pytest; pytest.skip('no reference', allow_module_level=True)"
NEEDS_REAL_DATA = "def test_real(shared_data): pass"
TAKES_INTERRUPTS = """
import subprocess, sys

def test_a_child():
    code = "import signal; assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    subprocess.run([sys.executable, "-c", code], check=True)
"""


@pytest.fixture
def pytest_run(tmp_path: Path) -> Callable[..., tuple[int, set[str]]]:
    """Runs test files beside our conftest, with no real data: the exit code and what was left out."""
    tests = tmp_path / "repository" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "conftest.py", tests)

    def pytest_run(*files: str, ci: str) -> tuple[int, set[str]]:
        for number, source in enumerate(files):
            (tests / f"test_{number}.py").write_text(source)
        env = {"CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", cwd=tests, **env)
        return done.returncode, set(re.findall(r"^left out, .*: (.+)$", done.stdout, re.MULTILINE))

    return pytest_run


def test_under_ci_a_skipped_comparison_fails_the_run(pytest_run: Callable[..., tuple[int, set[str]]]):
    left_out = {"test_0.py::test_parity", "test_1.py"}
    assert pytest_run(SKIPPED_TESTS, SKIPPED_MODULE, ci="true") == (1, left_out)


def test_under_ci_missing_real_data_fails_the_run(pytest_run: Callable[..., tuple[int, set[str]]]):
    assert pytest_run(NEEDS_REAL_DATA, ci="true") == (1, set())


def test_elsewhere_what_cannot_run_is_skipped(pytest_run: Callable[..., tuple[int, set[str]]]):
    assert pytest_run(SKIPPED_TESTS, NEEDS_REAL_DATA, ci="") == (0, set())


def test_what_tests_start_takes_ctrl_c_also_where_pytest_runs_in_the_background(
    pytest_run: Callable[..., tuple[int, set[str]]],
):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as `nohup ... &` does
    try:
        assert pytest_run(TAKES_INTERRUPTS, ci="") == (0, set())
    finally:
        signal.signal(signal.SIGINT, before)
