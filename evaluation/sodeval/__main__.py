"""``python -m sodeval``."""

from .cli import main

main()
