"""What a user of the BDS-TR dataset and of the DEDecoder model imports."""

from sodeval._version import __version__

__all__ = ["__version__"]
