"""What torch, safetensors and shutil raise where they cannot write is one error, that says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from safetensors import SafetensorError

from bdstr.errors import RunError
from bdstr.saving import saving
from sodeval.errors import OutputError

FULL = "cannot be written: No space left on device; free some space"


@pytest.mark.parametrize(
    ("error", "free_bytes", "said"),
    [
        (OSError(28, "No space left on device"), 1 << 30, FULL),
        (SafetensorError("Error while serializing: I/O error: ... (os error 28)"), 1 << 30, FULL),
        (RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 534"), 0, FULL),
        (shutil.Error([("a", "b", "[Errno 28]")]), 0, FULL),
        (RuntimeError("file write\nfailed"), 1 << 30, "cannot be written: file write failed; choose another"),
    ],
)
def test_what_cannot_be_saved_is_said_with_the_place_and_the_reason(
    error: Exception, free_bytes: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=free_bytes)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    place = tmp_path / "run" / "best"
    with pytest.raises(OutputError) as caught, saving(place):
        raise error
    assert str(caught.value).startswith(f"{place} {said}")


def test_errors_that_are_told_pass() -> None:
    with pytest.raises(RunError, match="another"), saving(Path("run")):
        raise RunError("another began")
