"""Floor 8: the command line. `analytics --help` shows what there is."""

from analytics_lib.cli.app import main

__all__ = ["main"]
