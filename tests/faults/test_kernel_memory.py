"""The C kernel under AddressSanitizer and UBSan: whatever it is given, it touches no byte beyond."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "evaluation" / "sodeval" / "_kernels.c"
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer")
PROBE = "int probe(int *at, int i) { return at[i]; }"


def compile_sanitized(source: Path, out: Path) -> None:
    python = f"-I{sysconfig.get_paths()['include']}"
    command = [
        "gcc",
        "-shared",
        "-fPIC",
        "-g",
        "-O1",
        *SANITIZERS,
        python,
        str(source),
        "-o",
        str(out),
        "-lm",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def run_sanitized(*command: str) -> subprocess.CompletedProcess[str]:
    found = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    environment = os.environ | {
        "LD_PRELOAD": found.stdout.strip(),  # before Python's own memory is
        "ASAN_OPTIONS": "detect_leaks=0",  # Python itself keeps some to the end
        "PYTHONMALLOC": "malloc",  # so that each object's end is known
    }
    return subprocess.run(
        [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=500
    )


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if sys.platform != "linux" or shutil.which("gcc") is None:
        pytest.skip("no gcc on Linux: its sanitizers are what is used")
    path = tmp_path_factory.mktemp("kernel") / "_kernels.so"
    compile_sanitized(SOURCE, path)
    return path


@pytest.mark.slow
def test_no_test_of_the_kernels_reads_or_writes_beyond_its_arrays(kernel: Path) -> None:
    here = str(Path(__file__).parent / "sanitized.py")
    done = run_sanitized(here, str(kernel), "tests/sodeval/test_kernels.py")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_a_read_beyond_an_array_would_be_found(kernel: Path, tmp_path: Path) -> None:
    source, library = tmp_path / "probe.c", tmp_path / "probe.so"
    source.write_text(PROBE)
    compile_sanitized(source, library)
    call = f"import ctypes; a = (ctypes.c_int * 99)(); ctypes.CDLL({str(library)!r}).probe(a, 99)"
    done = run_sanitized("-c", call)
    assert done.returncode != 0
    assert "heap-buffer-overflow" in done.stderr
