"""A disk of a few kilobytes: a tmpfs in a namespace of its own, so that only those who enter see it."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A disk that is there as long as its shell.

    Args:
        folder: where it is, to those who have entered.
        shell: whose namespace it is in.
    """

    folder: Path
    shell: subprocess.Popen[str]

    @classmethod
    @contextmanager
    def at(cls, folder: Path) -> Iterator[SmallDisk]:
        """Makes one; skips the test where the system lets nobody mount."""
        folder.mkdir()
        pipe = subprocess.PIPE
        as_root = [] if "user" not in namespaces() else ["--user", "--map-root-user"]
        command = ["unshare", "--mount", *as_root, "sh"]
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True) as shell:
            disk = cls(folder, shell)
            try:
                said = disk.told(f"mount -t tmpfs -o size={PAGE_BYTES} tmpfs {folder}")
                if said != "0\n":
                    pytest.skip(f"nothing can be mounted here: {said}")
                yield disk
            finally:
                shell.kill()

    def told(self, command: str) -> str:
        """What the shell says first of a command, or else its exit code."""
        assert self.shell.stdin
        assert self.shell.stdout
        try:
            self.shell.stdin.write(f"{command}; echo $?\n")
            self.shell.stdin.flush()
        except BrokenPipeError:  # it could not even begin
            pass
        return self.shell.stdout.readline()

    def resize(self, size_bytes: int) -> None:
        assert self.told(f"mount -o remount,size={size_bytes} {self.folder}") == "0\n"

    @property
    def seen(self) -> Path:
        """Its folder, to those who have not entered."""
        return Path(f"/proc/{self.shell.pid}/root{self.folder}")

    @property
    def entering(self) -> str:
        """What a command runs first."""
        return f"import small_disk; small_disk.enter({self.shell.pid})"


def namespaces() -> tuple[str, ...]:
    """Those of the shell: who is not root is root in one of users."""
    return ("mnt",) if os.geteuid() == 0 else ("user", "mnt")


def enter(pid: int) -> None:
    """Lets this process see what a shell sees."""
    libc = ctypes.CDLL(None, use_errno=True)
    for kind in namespaces():
        held = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
        if libc.setns(held, 0):
            raise OSError(ctypes.get_errno(), f"the {kind} namespace of {pid} cannot be entered")
        os.close(held)
