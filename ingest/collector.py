"""Python's cycle collector in processes that do one thing many times."""

from __future__ import annotations

import gc


def spare_what_is_loaded(after: int) -> None:
    """Look for cycles when so many objects were made and kept, instead of every few hundred, and among those alone.

    What is loaded by now stays for good, and what a page or a batch is made of is let go at its end without the
    collector.  Call it when all is loaded.
    """
    gc.freeze()
    gc.set_threshold(after)
