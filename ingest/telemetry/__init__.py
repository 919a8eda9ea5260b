"""What an operator sees of the service: logs, counts, signs of life."""

from __future__ import annotations

import importlib
import sys


def _load_structlog() -> None:
    """Without Twisted and rich, which it loads where they are installed, for what nobody here asks of it.

    They are two thirds of its time, a sixth of a worker's start.
    """
    unseen = {"twisted", "rich"} - sys.modules.keys()
    sys.modules.update(dict.fromkeys(unseen))  # type: ignore[arg-type]  # None: an ImportError
    try:
        importlib.import_module("structlog")
    finally:
        for name in unseen:
            del sys.modules[name]


_load_structlog()
