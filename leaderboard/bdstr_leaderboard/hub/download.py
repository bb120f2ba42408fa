"""What is read of a model's repository on the Hub: its results, else its card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bdstr.hub_errors import told
from bdstr.hub_repo import check_name

from ..published import LeftOut

if TYPE_CHECKING:
    from huggingface_hub import HfApi

CARD = "README.md"
RESULTS = re.compile(r"\.eval_results/[^/]+\.ya?ml")
LARGEST = 1_000_000
"""Bytes of a file: cards have pictures elsewhere."""
MOST = 20
"""Files of results."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """Files of a model's repository at one commit.

    Args:
        address: of the model.
        commit: of its main branch.
        results: path -> content, of ``.eval_results``.
        card: None where there is none.
        left_out: files that are too large, or too many.
    """

    address: str
    commit: str
    results: Mapping[str, bytes]
    card: bytes | None
    left_out: tuple[LeftOut, ...]


def download(repo: str) -> Downloaded:
    """Reads what a model's repository says of its scores.

    Args:
        repo: ``ORG/NAME``.

    Raises:
        UsageError: that is no name of a repository.
        HubError: it is not there, or private; the Hub cannot be reached, or broke off.
    """
    from huggingface_hub import HfApi, get_token

    check_name(repo)
    token = get_token()
    api = HfApi(token=token, library_name="bdstr")
    with told(repo, api.endpoint, token, reading=True), TemporaryDirectory() as folder:
        info = api.model_info(repo)
        there = sorted(file.rfilename for file in info.siblings or [])
        results = [path for path in there if RESULTS.fullmatch(path)]
        wanted = [*results[:MOST], *(path for path in there if path == CARD)]
        files, large = _fetch(api, repo, str(info.sha), wanted, Path(folder))
    many = [
        LeftOut(path, f"one of {len(results):,} files; expected at most {MOST}") for path in results[MOST:]
    ]
    card = files.pop(CARD, None)
    return Downloaded(f"{api.endpoint}/{repo}", str(info.sha), files, card, (*large, *many))


def _fetch(
    api: HfApi, repo: str, commit: str, paths: Sequence[str], folder: Path
) -> tuple[dict[str, bytes], list[LeftOut]]:
    """Path -> content; those that are too large are not even fetched."""
    found = api.get_paths_info(repo, list(paths), revision=commit) if paths else []
    sizes = {each.path: getattr(each, "size", 0) for each in found}
    small = [path for path in paths if sizes.get(path, 0) <= LARGEST]
    files = {
        path: Path(api.hf_hub_download(repo, path, revision=commit, local_dir=folder)).read_bytes()
        for path in small
    }
    large = [
        LeftOut(path, f"{sizes[path]:,} bytes; expected at most {LARGEST:,}")
        for path in paths
        if path not in files
    ]
    return files, large
