"""The most memory that a process takes, as Linux counts it since the program's start.

``ru_maxrss`` would begin with the memory of the process that starts it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TELLS = """
import atexit
def tell():
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
atexit.register(tell)
"""


def own_peak_mb() -> float:
    """Of this process, until now."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def peak_mb(code: str, *arguments: str) -> float:
    """Of a process of its own that runs a few lines of Python with arguments."""
    call = [sys.executable, "-c", TELLS + code, *arguments]
    done = subprocess.run(call, check=True, capture_output=True, text=True, cwd=ROOT)
    return int(done.stdout.split()[-1]) / 1024
