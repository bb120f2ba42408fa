"""``bdstr.load_dataset``: the dataset by name, wherever it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import DatasetError

if TYPE_CHECKING:
    import datasets

NAME = "bds-tr"


def load_dataset(path: str = NAME, **options: Any) -> datasets.Dataset | datasets.DatasetDict | Any:
    """The dataset at a path or of a name.

    Args:
        path: a folder that `bdstr pack` or `bdstr generate` wrote; or ``ORG/bds-tr`` on the Hub. The plain
            name, where there is no such folder, is the packaged sample: the annotated photographs of the
            demo.
        options: those of `datasets.load_dataset`: ``split``, ``streaming``, ``columns``, ``filters`` ...

    Raises:
        DatasetError: a folder of that name holds no dataset.
    """
    import datasets

    folder = Path(path)
    if folder.is_dir():
        if not (folder / "README.md").exists() or not list(folder.glob("data/*.parquet")):
            raise DatasetError(
                f"{folder} holds no README.md and data/*.parquet; expected what `bdstr pack` or "
                "`bdstr generate` writes: finish it, or name another folder"
            )
        return datasets.load_dataset(str(folder.resolve()), **options)
    if path == NAME:
        from .sample import sample_folder

        return datasets.load_dataset(str(sample_folder()), **options)
    return datasets.load_dataset(path, **options)
