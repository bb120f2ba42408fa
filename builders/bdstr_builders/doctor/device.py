"""What networks would compute on."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any


@dataclass(frozen=True, slots=True)
class Device:
    """A device.

    Args:
        kind: what ``--device auto`` stands for, ``cuda`` or ``cpu``; empty where torch is not there.
        name: of the hardware, and how many there are.
        memory_bytes: of one of them; None where it is not known.
        note: what else a person should know.
    """

    kind: str
    name: str = ""
    memory_bytes: int | None = None
    note: str = ""


def device() -> Device:
    """The device that ``auto`` stands for here; torch is imported only where it is installed."""
    if find_spec("torch") is None:
        return Device("", note="torch is not installed: no network runs; the rest needs the processor alone")
    try:
        import torch
    except (ImportError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Device("", note=f"torch cannot be imported: {reason}")
    return _gpu(torch) if torch.cuda.is_available() else _processor(torch)


def _gpu(torch: Any) -> Device:
    found = torch.cuda.get_device_properties(0)
    count = torch.cuda.device_count()
    more = f", the first of {count}" if count > 1 else ""
    return Device("cuda", f"{found.name}{more}", found.total_memory)


def _processor(torch: Any) -> Device:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    name = f"{platform.machine()}, {cores} {'core' if cores == 1 else 'cores'}"
    return Device("cpu", name, _memory_bytes(), _note_on_gpus(torch))


def _note_on_gpus(torch: Any) -> str:
    if torch.backends.mps.is_available():
        return "mps is there, too: --device mps takes it"
    if shutil.which("nvidia-smi"):
        return f"nvidia-smi is there, but torch {torch.__version__} finds no GPU: another build of torch may"
    return ""


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # as on Windows
        return None
