"""The command line: `ingest`."""

from ingest.cli.app import main

__all__ = ["main"]
