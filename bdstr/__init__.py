"""What a user of the BDS-TR dataset and of the DEDecoder model imports."""

from sodeval._version import __version__

from .loading import load_dataset
from .masks import edges, known

__all__ = ["__version__", "edges", "known", "load_dataset"]
