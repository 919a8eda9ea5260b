"""A run in a process of its own, for tests that kill it: runner.py FOLDER STORE"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from ingest.readers.files import dumps_of
    from ingest.run.main import run
    from ingest.settings import Settings
    from ingest.store.opening import opened

    settings = Settings(store=sys.argv[2], workers=2, batch=4)
    with opened(settings) as engine:
        print("begun", flush=True)
        run(
            dumps_of([sys.argv[1]], payload_bytes=settings.payload_bytes),
            engine,
            settings,
            cleaner="tests.cleaners:slow_clean",
            version="1",
        )
