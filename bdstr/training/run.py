"""The folder of a run: what it was started with, its log, its best network, what is left at its end."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sodeval.outputs.atomic import write_atomically, write_once

from ..errors import RunError
from ..packaged import WEIGHTS
from ..saving import saving
from .seal import FILE as SEAL
from .seal import is_broken, seal
from .settings import Settings
from .source import Source

_logger = logging.getLogger(__name__)

CONFIG = "training.json"
LOG = "log.jsonl"
CHECKPOINTS = "checkpoints"
BEST = "best"
KEPT = 2
"""Checkpoints: where a kill tears the last, the one before it is whole."""


def echo(settings: Settings, preset: str, source: Source, start: str = "") -> dict[str, Any]:
    """What a run is: its settings, and its data by the keys of its rows.

    A dataset of the Hub is called by its id, a folder by its whole path: so both are told apart later.
    """
    keys = hashlib.sha256(json.dumps(list(source.keys)).encode()).hexdigest()
    return {
        "preset": preset,
        "start": start,
        "settings": json.loads(json.dumps(asdict(settings))),
        "dataset": str(Path(source.name).resolve()) if Path(source.name).is_dir() else source.name,
        "keys": keys,
        "learned": source.learned,
        "held_out": sorted(source.keys[position] for position in source.held_out),
    }


def open_run(out: Path, config: Mapping[str, Any]) -> bool:
    """Starts a run in a folder, or goes on with the one that is there.

    Returns:
        Whether it is finished already.

    Raises:
        RunError: the folder holds another run, e.g. of another preset, or something else.
    """
    file = out / CONFIG
    if (
        not file.exists()
        and out.is_dir()
        and any(not path.name.startswith(".") and path != file for path in out.iterdir())
    ):
        # but for the file itself, which another process of this run may just have written
        raise RunError(f"{out} is not empty and holds no run; expected a new folder: choose another --out")
    if not write_once(file, json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n"):
        _refuse_other(out, read_config(file), config)
    return (out / WEIGHTS).exists()


def read_config(file: Path) -> Mapping[str, Any]:
    """What a run was started with.

    Raises:
        RunError: the file is damaged.
    """
    try:
        known: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise RunError(f"{file} is no JSON: {error}; expected what an earlier run wrote") from error
    if not isinstance(known, dict) or not isinstance(known.get("settings", {}), dict):
        raise RunError(f"{file} holds no settings; expected what an earlier run wrote")
    return known


def _refuse_other(out: Path, known: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    compared = [name for name in config if name != "dataset"]  # which may have moved: its keys tell
    different = [name for name in compared if known.get(name) != config[name]]
    if "settings" in different:
        ours, theirs = config["settings"], known.get("settings", {})
        different.remove("settings")
        different += [f"settings.{name}" for name in ours if theirs.get(name) != ours[name]]
    if different:
        raise RunError(
            f"{out} holds a run with other {', '.join(different)}; expected the same to go on: "
            "choose another --out"
        )


def read_log(out: Path, step: int | None = None) -> list[dict[str, Any]]:
    """The lines up to a step. What a run that was stopped wrote after its last checkpoint comes again."""
    file = out / LOG
    lines = []
    for text in file.read_bytes().split(b"\n")[:-1] if file.exists() else ():
        try:
            lines.append(json.loads(text))
        except ValueError:  # damaged, and what follows it, too
            break
    return [line for line in lines if step is None or line["step"] <= step]


def rewrite_log(out: Path, lines: list[dict[str, Any]]) -> None:
    """Writes all lines: a kill tears none."""
    write_atomically(out / LOG, "".join(f"{json.dumps(line)}\n" for line in lines))


def last_whole(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end, and is still what was written.

    The trainer's state is the last file of the Trainer, and the seal is ours.
    """
    found = [path for path in folder.glob("checkpoint-*") if path.name.removeprefix("checkpoint-").isdigit()]
    for path in sorted(found, key=lambda path: int(path.name.rpartition("-")[2]), reverse=True):
        try:
            json.loads((path / "trainer_state.json").read_text("utf-8"))
            if not is_broken(path):
                return path
            _logger.warning("%s is damaged: the run goes on from the checkpoint before it", path)
        except (OSError, ValueError):
            pass
        shutil.rmtree(path, ignore_errors=True)  # torn: the Trainer would count it among those to keep
    return None


def save_best(out: Path, network: Any, processor: Any) -> None:
    """Writes the best network so far, in place of the one before it.

    Raises:
        OutputError: it cannot be written.
    """
    aside, before = out / f".{BEST}.tmp", out / f".{BEST}.before"
    shutil.rmtree(aside, ignore_errors=True)
    with saving(out / BEST):
        network.save_pretrained(aside)
        processor.save_pretrained(aside)
    seal(aside)
    shutil.rmtree(before, ignore_errors=True)
    if (out / BEST).exists():
        (out / BEST).rename(before)
    aside.rename(out / BEST)
    shutil.rmtree(before, ignore_errors=True)


def finish(out: Path) -> None:
    """Copies the best network into the folder itself, its weights last: they mean the end.

    Raises:
        RunError: it is not what was written.
        OutputError: the copy cannot be written.
    """
    if is_broken(out / BEST):
        raise RunError(f"{out / BEST} is damaged; expected the best network of the run: train it anew")
    aside = out / ".model.tmp"
    shutil.rmtree(aside, ignore_errors=True)
    with saving(out):
        shutil.copytree(out / BEST, aside, ignore=shutil.ignore_patterns(SEAL))
    for name in sorted((path.name for path in aside.iterdir()), key=WEIGHTS.__eq__):
        (aside / name).replace(out / name)
    aside.rmdir()
