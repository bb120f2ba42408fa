"""The same code on the compiled kernels and on those in numpy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest

from sodeval import kernels, numpy_kernels


@contextmanager
def kernels_in(language: Literal["c", "numpy"]) -> Iterator[None]:
    """``numpy`` computes as where no compiler was found; ``c`` as this machine does."""
    with pytest.MonkeyPatch.context() as patch:
        if language == "numpy":
            for name in kernels.__all__:
                patch.setattr(kernels, name, getattr(numpy_kernels, name, getattr(kernels, name)))
        yield
