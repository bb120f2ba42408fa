"""Under CI a fault test that is skipped fails the run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
SKIPPED = "import pytest\n\n\ndef test_it():\n    pytest.skip('no time')\n"


@pytest.mark.parametrize(("ci", "folder", "code"), [("true", "faults", 1), ("true", "more", 0)])
def test_a_skipped_fault_fails_ci(tmp_path: Path, ci: str, folder: str, code: int) -> None:
    (tmp_path / "tests" / folder).mkdir(parents=True)
    shutil.copy(CONFTEST, tmp_path / "tests")
    (tmp_path / "tests" / folder / "test_it.py").write_text(SKIPPED)
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "-o", "markers=fault: it", "tests")
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, *options]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"CI": ci}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert ("left out, which CI does not allow" in done.stdout) == (code == 1)
