"""Commands in processes forked from one that has imported what they need: a kill strikes work, not imports.

`python forks.py` reads a line of JSON for each call, forks, and answers with the number of the process.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

_SODEVAL = ("sodeval.outputs.gallery", "sodeval.outputs.plots")
_DATASET = ("bdstr_builders.pipeline", "bdstr_builders.run.local", "datasets", "pyarrow.parquet")
_TORCH = ("torch", "bdstr.model.loading", "datasets.packaged_modules.parquet.parquet")
PRELOADED = {
    "run": ("sodeval.commands.run", *_SODEVAL),
    "generate": ("bdstr_builders.commands.generate", "bdstr_builders.stages.grabcut", *_DATASET),
    "pack": ("bdstr_builders.commands.pack", *_DATASET),
    "push": ("bdstr.commands.push", "bdstr.card", "huggingface_hub.hf_api"),
    "train": ("bdstr.commands.train", *_TORCH, "bdstr.training.trainer"),
    "predict": ("bdstr.commands.predict", *_TORCH, "bdstr.training.prediction"),
    "inspect": ("bdstr_builders.commands.inspect", "bdstr_builders.inspection"),
    "leaderboard": ("bdstr_leaderboard.commands.build", "bdstr_leaderboard.commands.submit"),
}
"""Command -> what the process that forks imports before its first."""
MAINS = {"bdstr": "bdstr.cli", "sodeval": "sodeval.__main__"}
LIMIT_S = 90.0


@dataclass(slots=True)
class Process:
    """A command at work, in a group of its own with whatever it starts."""

    pid: int
    said: Path
    forks: Forks
    _end: int = field(init=False)

    def __post_init__(self) -> None:
        self._end = os.pidfd_open(self.pid)

    def ends_within(self, seconds: float) -> bool:
        return bool(select.select([self._end], [], [], seconds)[0])

    def kill(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)
        self.finish()

    def finish(self) -> tuple[int, str]:
        """Exit code, and what it said on both streams."""
        if not self.ends_within(LIMIT_S):
            os.killpg(self.pid, signal.SIGKILL)
            raise AssertionError(f"not ended after {LIMIT_S} s: {self.said.read_text()}")
        os.close(self._end)
        code = self.forks.ask({"wait": self.pid})
        said = self.said.read_text("utf-8", "replace")
        assert "Traceback" not in said, said
        return code, said


@dataclass(slots=True)
class Forks:
    """What forks them."""

    server: subprocess.Popen[str]
    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Forks]:
        environment = os.environ | {
            "HF_DATASETS_CACHE": str(folder / "cache"),
            "HF_HUB_OFFLINE": "0",
            "MPLBACKEND": "agg",
            "OMP_NUM_THREADS": "1",
        }
        pipe, here = subprocess.PIPE, [sys.executable, __file__]
        with subprocess.Popen(here, stdin=pipe, stdout=pipe, text=True, env=environment) as server:
            try:
                yield cls(server, folder)
            finally:
                assert server.stdin
                server.stdin.close()
                server.wait(timeout=30)

    def ask(self, call: Mapping[str, Any]) -> int:
        assert self.server.stdin
        assert self.server.stdout
        self.server.stdin.write(json.dumps(call) + "\n")
        self.server.stdin.flush()
        return int(self.server.stdout.readline())

    def start(self, *words: object, before: str = "", most_bytes: int | None = None) -> Process:
        """Starts a command.

        Args:
            words: as in a shell, e.g. ``"bdstr", "pack"``.
            before: code that runs first.
            most_bytes: over which no file may grow, as on a full disk.
        """
        said = self.folder / f"{next(self._numbers)}.txt"
        said.touch()  # one that is killed at once has said nothing
        call = {"words": [str(word) for word in words], "said": str(said), "before": before}
        return Process(self.ask(call | {"most_bytes": most_bytes}), said, self)

    def run(self, *words: object, **more: Any) -> tuple[int, str]:
        return self.start(*words, **more).finish()


def serve() -> None:
    for line in sys.stdin:
        call = json.loads(line)
        answer = end_of(call["wait"]) if "wait" in call else fork(call)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def end_of(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def fork(call: Mapping[str, Any]) -> int:
    for module in PRELOADED.get(call["words"][1], ()):
        importlib.import_module(module)
    gc.freeze()  # else collecting in a fork would copy all that is shared
    pid = os.fork()
    if not pid:
        become(call)
    with suppress(ProcessLookupError):
        os.setpgid(pid, pid)  # here and there: whoever is first
    return pid


def become(call: Mapping[str, Any]) -> None:
    """Turns a forked process into a command, which ends it."""
    os.setpgid(0, 0)
    said = os.open(call["said"], os.O_WRONLY | os.O_CREAT, 0o600)
    for stream, at in ((os.open(os.devnull, os.O_RDONLY), 0), (said, 1), (said, 2)):
        os.dup2(stream, at)
    if call["most_bytes"] is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (call["most_bytes"], call["most_bytes"]))
    sys.argv = call["words"]
    try:
        exec(call["before"], {})
        importlib.import_module(MAINS[sys.argv[0]]).main()
    except SystemExit as end:
        sys.stdout.flush()
        atexit._run_exitfuncs()
        os._exit(int(end.code or 0))  # to take all modules apart would take seconds


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1] / room) for room in ("faults", "hub", "training")]
    serve()
