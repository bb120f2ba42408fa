"""A finished dataset to the Hub: what is uploaded is planned from the folder alone, then sent as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import card
from .errors import DatasetError, HubError
from .folder import read_splits
from .hub_repo import Kind, check_name, commit, repository

if TYPE_CHECKING:
    from huggingface_hub import HfApi

REJECTS = "rejects.parquet"
KIND: Kind = "dataset"


@dataclass(frozen=True, slots=True)
class Upload:
    """What goes to the Hub.

    Args:
        folder: of the dataset.
        repo: ``ORG/NAME``.
        paths: of the files, below the folder and in the repository; the card is the last.
        sizes: theirs, in bytes.
        rows: of all splits.
    """

    folder: Path
    repo: str
    paths: tuple[str, ...]
    sizes: tuple[int, ...]
    rows: int


def plan_upload(folder: Path, repo: str) -> Upload:
    """What of a dataset goes to the Hub: its Parquet files, its rejects and its card; no network is touched.

    Raises:
        UsageError: `repo` is no name of a repository.
        DatasetError: the dataset is not finished, or damaged.
    """
    check_name(repo)
    said, found = card.rows_of(folder), read_splits(folder)
    rows = {split: files.rows for split, files in found.items()}
    if rows != said:
        raise DatasetError(
            f"{folder}: {_in_words(said)}, says {card.FILE}, and {_in_words(rows)} are in data/; expected "
            "the same: the dataset is not finished, run what makes it again"
        )
    if not sum(rows.values()):
        raise DatasetError(f"{folder} holds no rows; expected some: {REJECTS} says why there are none")
    shards = [file for split in found.values() for file in split.files]
    files = [*shards, *(file for file in [folder / REJECTS] if file.exists()), folder / card.FILE]
    paths = tuple(file.relative_to(folder).as_posix() for file in files)
    return Upload(folder, repo, paths, tuple(file.stat().st_size for file in files), sum(rows.values()))


def _in_words(rows: Mapping[str, int]) -> str:
    return " and ".join(f"{count:,} rows of {split}" for split, count in sorted(rows.items()))


def push(upload: Upload, *, private: bool = False, replace: bool = False) -> str:
    """Uploads what the Hub does not have yet; after a break, a second call goes on.

    Parquet files go first, and stay on the Hub when the rest breaks off; only then do commits name them, the
    card in the last. So nobody who loads the dataset meanwhile gets half of it, as long as one commit takes
    all files; larger ones take several in a row (`hub_repo.commit`).

    Args:
        upload: what.
        private: for a repository that is made now.
        replace: removes Parquet files of the repository that this dataset does not have.

    Returns:
        The address of the dataset.

    Raises:
        HubError: no token, or one without the right to write; the name is taken by another kind of repository
            or by another dataset; the Hub cannot be reached, or broke off.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    with repository(upload.repo, KIND, private) as api:
        foreign = _foreign(api, upload)
        if foreign and not replace:
            raise HubError(
                f"{upload.repo} holds {len(foreign):,} Parquet files that {upload.folder} does not, e.g. "
                f"{foreign[0]}; they would be loaded with it: --replace removes them, or choose another name"
            )
        adds = [CommitOperationAdd(path, str(upload.folder / path)) for path in upload.paths]
        api.preupload_lfs_files(upload.repo, adds, repo_type=KIND, free_memory=False)
        removals = [CommitOperationDelete(path) for path in foreign]
        commit(api, upload.repo, KIND, [*adds[:-1], *removals, adds[-1]], f"{upload.rows:,} rows")
    return f"{api.endpoint}/datasets/{upload.repo}"


def _foreign(api: HfApi, upload: Upload) -> list[str]:
    """The repository's Parquet files that are not the dataset's: of another run, or of another dataset."""
    there = api.list_repo_files(upload.repo, repo_type=KIND)
    return sorted(path for path in there if path.endswith(".parquet") and path not in upload.paths)
